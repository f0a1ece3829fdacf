import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';
import { describeMainJob } from '../support/main-job.ts';

describeMainJob('ejabberd', ejabberdMissing, startEjabberd, false, true);
