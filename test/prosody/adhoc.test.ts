import { describeAdHoc } from '../support/adhoc.ts';
import { describeAdHocInProfanity } from '../support/adhoc-profanity.ts';
import { prosodyMissing, startProsody } from '../support/prosody.ts';

describeAdHoc('Prosody', prosodyMissing, startProsody);
describeAdHocInProfanity('Prosody', prosodyMissing, startProsody);
