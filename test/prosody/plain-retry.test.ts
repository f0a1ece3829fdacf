import { describePlainRetry } from '../support/plain-retry.ts';
import { prosodyMissing, startProsody } from '../support/prosody.ts';

describePlainRetry('Prosody', prosodyMissing, startProsody);
