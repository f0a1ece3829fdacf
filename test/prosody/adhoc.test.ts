import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeAdHoc } from '../support/suites/adhoc.ts';
import { describeAdHocInProfanity } from '../support/suites/adhoc-profanity.ts';

describeAdHoc('Prosody', prosodyMissing, startProsody);
describeAdHocInProfanity('Prosody', prosodyMissing, startProsody);
