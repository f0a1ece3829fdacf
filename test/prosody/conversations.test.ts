import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeConversations } from '../support/suites/conversations.ts';

describeConversations('Prosody', prosodyMissing, startProsody);
