import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeMainJob } from '../support/suites/main-job.ts';

describeMainJob('ejabberd', ejabberdMissing, startEjabberd, false, true);
