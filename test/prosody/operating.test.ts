import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeOperating } from '../support/suites/operating.ts';

describeOperating('Prosody', prosodyMissing, startProsody);
