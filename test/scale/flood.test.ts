import { describeFlood } from '../support/suites/describe-flood.ts';

describe('a million hostile stanzas', () => {
  describeFlood(1_000_000);
});
