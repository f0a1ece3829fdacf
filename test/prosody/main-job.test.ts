import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeMainJob } from '../support/suites/main-job.ts';

describeMainJob('Prosody', prosodyMissing, startProsody);
