import { describeFlood } from '../support/suites/describe-flood.ts';

describe('hostile stanzas without an end', () => {
  describeFlood(50_000);
});
