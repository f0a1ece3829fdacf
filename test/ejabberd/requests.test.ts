import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';
import { describeRequests } from '../support/requests.ts';

describeRequests('ejabberd', ejabberdMissing, startEjabberd);
