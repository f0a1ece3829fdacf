const units: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
];

/** Milliseconds in the largest unit that fits: `5m`. */
export function span(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  const [unit, size] = units.find(([, each]) => seconds >= each) ?? ['s', 1];
  return `${Math.floor(seconds / size)}${unit}`;
}

/** A size for people: `1.5 MiB`. */
export function bytes(value: number): string {
  const [unit, size] = value >= 2 ** 20 ? (['MiB', 2 ** 20] as const) : (['KiB', 2 ** 10] as const);
  return value < 2 ** 10 ? `${value} B` : `${(value / size).toFixed(1)} ${unit}`;
}
