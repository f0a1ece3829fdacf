import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeSubscription } from '../support/suites/subscription.ts';

describeSubscription('ejabberd', ejabberdMissing, startEjabberd);
