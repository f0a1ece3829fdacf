import { describeAdHoc } from '../support/adhoc.ts';
import { prosodyMissing, startProsody } from '../support/prosody.ts';

describeAdHoc('Prosody', prosodyMissing, startProsody);
