import { describeConversations } from '../support/conversations.ts';
import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';

describeConversations('ejabberd', ejabberdMissing, startEjabberd);
