import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeRequests } from '../support/suites/requests.ts';

describeRequests('Prosody', prosodyMissing, startProsody);
