import { prosodyMissing, startProsody } from '../support/prosody.ts';
import { describeSubscription } from '../support/subscription.ts';

describeSubscription('Prosody', prosodyMissing, startProsody);
