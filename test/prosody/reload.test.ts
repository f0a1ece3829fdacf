import { prosodyMissing, startProsody } from '../support/prosody.ts';
import { describeReload } from '../support/reload.ts';

describeReload('Prosody', prosodyMissing, startProsody);
