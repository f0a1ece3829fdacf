import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeRollingTransfer } from '../support/suites/rolling-transfer.ts';

describeRollingTransfer('Prosody', prosodyMissing, startProsody);
