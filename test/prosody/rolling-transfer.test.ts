import { prosodyMissing, startProsody } from '../support/prosody.ts';
import { describeRollingTransfer } from '../support/rolling-transfer.ts';

describeRollingTransfer('Prosody', prosodyMissing, startProsody);
