import { describeOperating } from '../support/operating.ts';
import { prosodyMissing, startProsody } from '../support/prosody.ts';

describeOperating('Prosody', prosodyMissing, startProsody);
