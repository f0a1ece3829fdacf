/** Read by reporter.mjs, which cannot import this file. */
const reasonKey = Symbol.for('switchyard.skip-reason');

/**
 * Skips the running test, or from a `before` hook the whole suite, and says why. With
 * `CI=true` the reporter counts a skip as a failure, so this is for what a machine lacks.
 *
 * @example
 * before(function () { skip(this, 'prosody is not installed'); });
 */
export function skip(context: Mocha.Context, reason: string): never {
  const { test } = context;
  if (test !== undefined) {
    const hook = 'type' in test && test.type === 'hook';
    Object.defineProperty(hook ? (test.parent ?? test) : test, reasonKey, { value: reason, configurable: true });
  }
  return context.skip();
}
