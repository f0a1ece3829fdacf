// Read by mocha before any test. What properties are tried with follows from one number, so that two runs of the same
// code try the same: a change is not refused for what another run would have found in the code before it.
import { env } from 'node:process';
import fc from 'fast-check';

/** A number; without it each run tries something else, and says with which number when something fails. */
const { TEST_SEED } = env;
if (TEST_SEED !== undefined) {
  if (!/^-?\d+$/.test(TEST_SEED)) throw new Error(`TEST_SEED is '${TEST_SEED}', and should be a whole number.`);
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(TEST_SEED) });
}
