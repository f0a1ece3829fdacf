import { describeFlood } from '../support/describe-flood.ts';

describe('a million hostile stanzas', () => {
  describeFlood(1_000_000);
});
