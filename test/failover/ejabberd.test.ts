import { describeGuaranteeOnPostgres } from '../faults/describe-guarantee.ts';
import { describeSpreadPairFaults } from '../faults/describe-spread.ts';
import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';

describeGuaranteeOnPostgres('ejabberd', ejabberdMissing, startEjabberd, [
  'the active router is killed, and the other, and so on',
  'the database takes no writes for a while',
]);

describeSpreadPairFaults('ejabberd', ejabberdMissing, startEjabberd, 0);
