import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeFaults } from './describe-faults.ts';
import { describeGuarantee } from './describe-guarantee.ts';
import { describePlainLosses } from './describe-plain-losses.ts';
import { describeSpreadFaults } from './describe-spread.ts';

describeFaults('Prosody', prosodyMissing, startProsody);
describePlainLosses('Prosody', prosodyMissing, startProsody);
describeGuarantee('Prosody', prosodyMissing, startProsody, ['the router is killed at any time']);
describeSpreadFaults('Prosody', prosodyMissing, startProsody, 1);
