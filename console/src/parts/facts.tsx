import type { ComponentChildren } from 'preact';

interface FactsProps {
  readonly items: readonly (readonly [string, ComponentChildren])[];
  /** On a ground of their own. */
  readonly card?: boolean;
}

/** Single values with their names. */
export function Facts({ items, card = false }: FactsProps) {
  return (
    <dl class={`facts ${card ? 'card' : ''}`}>
      {items.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly unit?: string;
  readonly tone?: 'ok' | 'warn' | 'bad' | undefined;
  readonly children?: ComponentChildren;
}

/** A number that is looked at often. */
export function Tile({ name, value, unit, tone, children }: TileProps) {
  return (
    <div class={`tile ${tone === undefined ? '' : `is-${tone}`}`}>
      <dt>{name}</dt>
      <dd>
        <span class="tile-value">{value}</span>
        {unit !== undefined && <span class="tile-unit"> {unit}</span>}
        {children}
      </dd>
    </div>
  );
}

/** What stands where a list would, if it held anything. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}
