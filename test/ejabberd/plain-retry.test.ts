import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describePlainRetry } from '../support/suites/plain-retry.ts';

describePlainRetry('ejabberd', ejabberdMissing, startEjabberd);
