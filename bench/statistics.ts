/** The middle of several rounds, and how far they went apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The spread of `values`; `undefined` when there are none, or one is missing. */
export function spread(values: readonly (number | undefined)[]): Spread | undefined {
  const sorted = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  sorted.sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (min === undefined || max === undefined || low === undefined || high === undefined) return undefined;
  return sorted.length < values.length ? undefined : { median: (low + high) / 2, min, max };
}

/** Quotients of the same round, so that what slowed a whole round down slows neither against the other. */
export function ratios(above: readonly number[], below: readonly number[]): number[] {
  return above.flatMap((value, round) => {
    const divisor = below[round];
    return divisor === undefined ? [] : [value / divisor];
  });
}
