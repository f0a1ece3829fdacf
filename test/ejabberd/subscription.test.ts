import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';
import { describeSubscription } from '../support/subscription.ts';

describeSubscription('ejabberd', ejabberdMissing, startEjabberd);
