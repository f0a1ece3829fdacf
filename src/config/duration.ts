const units: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** How a duration is written: a whole number and its unit. */
export const durationPattern = /^(\d{1,12})(ms|s|m|h|d)$/;

/** Milliseconds of `30s`, `5m`, `1h`, `1d` or `500ms`; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = durationPattern.exec(text) ?? [];
  const factor = units.get(unit ?? '');
  return factor === undefined ? undefined : Number(count) * factor;
}

/** The shortest exact way to write `milliseconds`, in the largest unit that divides it. */
export function formatDuration(milliseconds: number): string {
  for (const [unit, factor] of [...units].toReversed()) {
    if (milliseconds !== 0 && milliseconds % factor === 0) return `${String(milliseconds / factor)}${unit}`;
  }
  return `${String(milliseconds)}s`;
}

/** What was probably meant by a duration without its unit or with one that is not known; a sentence. */
export function likelyDuration(written: string): string | undefined {
  const [, count = '', unit = ''] = /^(\d{1,12})\s*([a-z]*)$/i.exec(written.trim()) ?? [];
  if (count === '') return undefined;
  if (unit === '') return `Write "${count}s" for seconds or "${count}ms" for milliseconds.`;
  const lower = unit.toLowerCase();
  const known =
    [...units.keys()].find((short) => short === lower) ??
    (lower.startsWith('ms') || lower.startsWith('milli') ? 'ms' : lower.charAt(0));
  return units.has(known) ? `Write "${count}${known}".` : undefined;
}
