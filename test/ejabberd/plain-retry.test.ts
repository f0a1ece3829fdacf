import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';
import { describePlainRetry } from '../support/plain-retry.ts';

describePlainRetry('ejabberd', ejabberdMissing, startEjabberd);
