// JavaScript, because mocha requires its reporter before TypeScript can be read.
import { writeFileSync } from 'node:fs';
import { env } from 'node:process';
import Mocha from 'mocha';

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Mocha.Runner.constants;
/** Where skip.ts leaves its reason, on the test or on a suite around it. */
const reasonKey = Symbol.for('switchyard.skip-reason');

function skipReason(test) {
  for (let node = test; node !== undefined; node = node.parent) {
    if (node[reasonKey] !== undefined) {
      return node[reasonKey];
    }
  }
  return 'no reason given';
}

/**
 * Mocha's `spec`, with the reason beside each skip. With `CI=true` a skip is a failure: there,
 * whatever the tests need has been installed. What the run came to is written as JSON to the
 * file named by `TEST_SUMMARY`, for scripts/test.mjs: passed, failed, skipped, in `skips` the
 * title and reason of each skip, and in `failures` the title and message of each failure.
 */
export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const strict = env.CI === 'true';
    const skips = [];
    const failures = [];
    runner.on(EVENT_TEST_PENDING, (test) => {
      const reason = skipReason(test);
      skips.push(`${test.fullTitle()}: ${reason}`);
      console.log(`      skipped: ${reason}`);
    });
    runner.on(EVENT_TEST_FAIL, (test, error) => {
      failures.push(`${test.fullTitle()}: ${String(error?.message ?? error)}`);
    });
    runner.once(EVENT_RUN_END, () => {
      if (strict && skips.length > 0) {
        console.log(`  With CI=true a skip is a failure:\n${skips.map((skip) => `    ${skip}\n`).join('')}`);
        runner.failures += skips.length;
      }
      const summary = {
        passed: runner.stats?.passes ?? 0,
        failed: runner.failures,
        skipped: strict ? 0 : skips.length,
        skips,
        failures,
      };
      if (env.TEST_SUMMARY !== undefined) {
        writeFileSync(env.TEST_SUMMARY, JSON.stringify(summary));
      }
    });
  }
}
