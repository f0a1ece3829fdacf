import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describePubSub } from '../support/suites/pubsub.ts';

describePubSub('Prosody', prosodyMissing, startProsody);
