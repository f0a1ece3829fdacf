import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeSharing } from '../support/suites/sharing.ts';

describeSharing('Prosody', prosodyMissing, startProsody);
