/** The last second of the year 9999, which has no five digits yet. */
const latest = 253_402_300_799_000;
const format = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** A time in the form of XEP-0082: whole seconds of UTC. What lies outside of four-digit years becomes the nearest. */
export function dateTime(at: number): string {
  const within = Math.min(Math.max(at, 0), latest);
  return new Date(Number.isNaN(within) ? 0 : within).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Epoch milliseconds of a time in the form of XEP-0082; `undefined` when it is none. */
export function readDateTime(text: string): number | undefined {
  const at = format.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
