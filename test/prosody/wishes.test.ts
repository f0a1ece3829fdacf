import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeWishes } from '../support/suites/wishes.ts';

describeWishes('Prosody', prosodyMissing, startProsody);
