import { Cell } from './state/cell.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'switchyard-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

/** The theme that is worn: charts are drawn anew when it changes. */
export const worn = new Cell<'light' | 'dark'>('light');

export function storedTheme(): Theme {
  const stored = localStorage.getItem(key);
  return themes.find((theme) => theme === stored) ?? 'system';
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(key);
  else localStorage.setItem(key, theme);
  const now = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  document.documentElement.dataset['theme'] = now;
  worn.set(now);
}

dark.addEventListener('change', () => {
  if (storedTheme() === 'system') applyTheme('system');
});
