import { describeGuaranteeOnPostgres } from '../faults/describe-guarantee.ts';
import { describeSpreadPairFaults } from '../faults/describe-spread.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';

describeGuaranteeOnPostgres('Prosody', prosodyMissing, startProsody, [
  'the router is killed at any time',
  'the sessions of the router are ended while they write',
  'the primary is killed, and its synchronous standby takes its place',
  'the active router is stopped for longer than the lease, and wakes',
  'the disk with the log of the database is full',
]);

describeSpreadPairFaults('Prosody', prosodyMissing, startProsody, 1);
