import { describeConversations } from '../support/conversations.ts';
import { prosodyMissing, startProsody } from '../support/prosody.ts';

describeConversations('Prosody', prosodyMissing, startProsody);
