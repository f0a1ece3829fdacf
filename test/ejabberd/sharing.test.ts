import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeSharing } from '../support/suites/sharing.ts';

describeSharing('ejabberd', ejabberdMissing, startEjabberd);
