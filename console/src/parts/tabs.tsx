import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';

interface TabsProps {
  readonly label: string;
  readonly chosen: string;
  readonly tabs: readonly { readonly name: string; readonly label: string; readonly href: string }[];
  readonly children: ComponentChildren;
}

/** Tabs that are places of their own: each has an address; arrow keys go from one to the next. */
export function Tabs({ label, chosen, tabs, children }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  const step = (by: number): void => {
    const at = tabs.findIndex(({ name }) => name === chosen);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    if (next === undefined) return;
    location.hash = next.href;
    list.current?.querySelector<HTMLElement>(`#tab-${next.name}`)?.focus();
  };
  return (
    <section class="tabs">
      <div
        ref={list}
        role="tablist"
        aria-label={label}
        onKeyDown={(event) => {
          const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
          if (by === 0) return;
          event.preventDefault();
          step(by);
        }}
      >
        {tabs.map(({ name, label: text, href }) => (
          <a
            key={name}
            id={`tab-${name}`}
            role="tab"
            href={href}
            aria-selected={name === chosen}
            aria-controls="tab-panel"
            tabIndex={name === chosen ? 0 : -1}
          >
            {text}
          </a>
        ))}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${chosen}`}>
        {children}
      </div>
    </section>
  );
}
