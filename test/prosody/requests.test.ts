import { prosodyMissing, startProsody } from '../support/prosody.ts';
import { describeRequests } from '../support/requests.ts';

describeRequests('Prosody', prosodyMissing, startProsody);
