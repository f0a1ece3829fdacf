import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describePubSub } from '../support/suites/pubsub.ts';

describePubSub('ejabberd', ejabberdMissing, startEjabberd);
