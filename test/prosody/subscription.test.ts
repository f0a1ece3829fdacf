import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeSubscription } from '../support/suites/subscription.ts';

describeSubscription('Prosody', prosodyMissing, startProsody);
