import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeInstances } from '../support/suites/instances.ts';

describeInstances('Prosody', prosodyMissing, startProsody);
