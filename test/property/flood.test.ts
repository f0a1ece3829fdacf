import { describeFlood } from '../support/describe-flood.ts';

describe('hostile stanzas without an end', () => {
  describeFlood(50_000);
});
