import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';
import { describePubSub } from '../support/pubsub.ts';

describePubSub('ejabberd', ejabberdMissing, startEjabberd);
