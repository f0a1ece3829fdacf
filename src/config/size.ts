const units: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
]);

/** How a size is written: a whole number and its unit. */
export const sizePattern = /^(\d{1,12})(B|KiB|MiB|GiB)$/;

/** Bytes of `64KiB`, `1MiB`, `2GiB` or `10000B`; `undefined` for anything else. */
export function parseSize(text: string): number | undefined {
  const [, count, unit] = sizePattern.exec(text) ?? [];
  const factor = units.get(unit ?? '');
  return factor === undefined ? undefined : Number(count) * factor;
}

/** The shortest exact way to write `bytes`, in the largest unit that divides it. */
export function formatSize(bytes: number): string {
  for (const [unit, factor] of [...units].toReversed()) {
    if (bytes !== 0 && bytes % factor === 0) return `${String(bytes / factor)}${unit}`;
  }
  return `${String(bytes)}B`;
}

/** What was probably meant by a size without its unit or with one that is not known; a sentence. */
export function likelySize(written: string): string | undefined {
  const [, count = '', unit = ''] = /^(\d{1,12})\s*([a-z]*)$/i.exec(written.trim()) ?? [];
  if (count === '') return undefined;
  if (unit === '') return `Write "${count}B" for bytes or "${count}KiB" for kibibytes.`;
  const known = [...units.keys()].find((short) => short.charAt(0).toLowerCase() === unit.charAt(0).toLowerCase());
  return known === undefined ? undefined : `Write "${count}${known}".`;
}
