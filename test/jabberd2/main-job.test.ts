import { jabberd2Missing, startJabberd2 } from '../support/jabberd2.ts';
import { describeMainJob } from '../support/suites/main-job.ts';

describeMainJob('jabberd2', jabberd2Missing, startJabberd2, true, true);
