import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeReload } from '../support/suites/reload.ts';

describeReload('ejabberd', ejabberdMissing, startEjabberd);
