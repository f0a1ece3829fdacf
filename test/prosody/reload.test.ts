import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeReload } from '../support/suites/reload.ts';

describeReload('Prosody', prosodyMissing, startProsody);
