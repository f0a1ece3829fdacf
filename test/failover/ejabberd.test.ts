import { describeGuaranteeOnPostgres } from '../faults/describe-guarantee.ts';
import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';

describeGuaranteeOnPostgres('ejabberd', ejabberdMissing, startEjabberd, [
  'the active router is killed, and the other, and so on',
]);
