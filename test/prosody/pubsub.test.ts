import { prosodyMissing, startProsody } from '../support/prosody.ts';
import { describePubSub } from '../support/pubsub.ts';

describePubSub('Prosody', prosodyMissing, startProsody);
