import { useState } from 'preact/hooks';
import { AccessDialog } from './access-dialog.tsx';
import { useCell, useDesk, useInstance } from './hooks.ts';
import type { WatchPhase } from './live/watch.ts';
import { hashOf, type Route } from './route.ts';
import { applyTheme, storedTheme, type Theme, themes } from './theme.ts';

const places: readonly (readonly [Route, string])[] = [
  [{ page: 'pools' }, 'Pools'],
  [{ page: 'transfers', run: undefined }, 'Transfers'],
  [{ page: 'commands', command: undefined, pool: undefined }, 'Commands'],
  [{ page: 'router' }, 'Router'],
];

interface HeaderProps {
  readonly route: Route;
  /** Goes to the content of the page. */
  readonly onSkip: () => void;
}

export function Header({ route, onSkip }: HeaderProps) {
  const desk = useDesk();
  const overview = useCell(desk.overview);
  const current = route.page === 'pool' ? 'pools' : route.page;
  return (
    <header class="top">
      <a
        class="skip"
        href={hashOf(route)}
        onClick={(event) => {
          event.preventDefault();
          onSkip();
        }}
      >
        Skip to the content
      </a>
      <a class="brand" href="#/pools">
        <Mark />
        <span class="brand-name">Switchyard</span>
        <span class="brand-domain">{overview?.router?.domain ?? ''}</span>
      </a>
      <nav aria-label="Pages">
        {places.map(([place, label]) => (
          <a key={label} href={hashOf(place)} aria-current={place.page === current ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <div class="top-tools">
        <Role />
        <Connection />
        <Access />
        <ThemeSwitch />
      </div>
    </header>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" class="mark-ground" />
      <path d="M5 16h6c5 0 5-8 10-8h3M11 16h13" class="mark-rail" />
      <path d="M11 16c5 0 5 8 10 8h3" class="mark-switch" />
    </svg>
  );
}

const phaseWords: Readonly<Record<WatchPhase['kind'], string>> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost',
  refused: 'Refused',
};

/** Told to screen readers as it changes. */
function Connection() {
  const { kind } = useCell(useDesk().phase);
  return (
    <span class={`chip connection is-${kind}`} role="status" data-phase={kind}>
      <span class="dot" aria-hidden="true" />
      {phaseWords[kind]}
    </span>
  );
}

/** Which of several instances this page talks to. */
function Role() {
  const instance = useInstance();
  if (instance === undefined) return null;
  const { role, name } = instance;
  return (
    <span
      class={`chip is-${role === 'active' ? 'live' : 'connecting'}`}
      data-role={role}
      title={`The instance ${name}`}
    >
      {role === 'active' ? 'Active' : 'Standby'}
    </span>
  );
}

function Access() {
  const session = useCell(useDesk().session);
  const [open, setOpen] = useState(false);
  const write = session?.write === true;
  return (
    <>
      <button type="button" class={`quiet access ${write ? 'is-open' : ''}`} onClick={() => setOpen(true)}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">
          <rect x="3" y="7" width="10" height="7" rx="1.5" />
          <path d={write ? 'M5 7V5a3 3 0 0 1 5.8-1' : 'M5 7V5a3 3 0 0 1 6 0v2'} />
        </svg>
        {write ? 'Operator' : 'Read only'}
      </button>
      {open && <AccessDialog onClose={() => setOpen(false)} />}
    </>
  );
}

const themeWords: Readonly<Record<Theme, string>> = { system: 'System', light: 'Light', dark: 'Dark' };

function ThemeSwitch() {
  const [theme, setTheme] = useState(storedTheme);
  return (
    <label class="theme">
      <span class="hidden">Theme</span>
      <select
        value={theme}
        onChange={({ currentTarget }) => {
          const chosen = themes.find((each) => each === currentTarget.value) ?? 'system';
          applyTheme(chosen);
          setTheme(chosen);
        }}
      >
        {themes.map((each) => (
          <option key={each} value={each}>
            {themeWords[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
