import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeRequests } from '../support/suites/requests.ts';

describeRequests('ejabberd', ejabberdMissing, startEjabberd);
