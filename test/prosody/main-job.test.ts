import { describeMainJob } from '../support/main-job.ts';
import { prosodyMissing, startProsody } from '../support/prosody.ts';

describeMainJob('Prosody', prosodyMissing, startProsody);
