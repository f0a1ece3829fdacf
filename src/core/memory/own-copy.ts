/** V8 copies a slice that is shorter than this anyway. */
const leastSlice = 13;

/**
 * `text` in memory of its own: a slice keeps all that was read with it alive. To put something
 * before it and cut that off again is what makes V8 copy it.
 */
export function ownCopy(text: string): string {
  return text.length < leastSlice ? text : ` ${text}`.slice(1);
}
