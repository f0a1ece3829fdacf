import type { EffectiveSetting } from './effective.ts';

/** The configuration in force as text: a line for each value, with where it was written. */
export function explain(settings: readonly EffectiveSetting[]): string {
  const lines = settings.map(({ path, value }) => `${path} = ${value}`);
  const width = Math.min(70, Math.max(0, ...lines.map((line) => line.length)));
  return settings.map(({ source }, index) => `${(lines[index] ?? '').padEnd(width)}  # ${source}\n`).join('');
}
