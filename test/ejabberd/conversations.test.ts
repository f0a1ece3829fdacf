import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeConversations } from '../support/suites/conversations.ts';

describeConversations('ejabberd', ejabberdMissing, startEjabberd);
