import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describePlainRetry } from '../support/suites/plain-retry.ts';

describePlainRetry('Prosody', prosodyMissing, startProsody);
