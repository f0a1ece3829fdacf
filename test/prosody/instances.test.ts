import { describeInstances } from '../support/instances.ts';
import { prosodyMissing, startProsody } from '../support/prosody.ts';

describeInstances('Prosody', prosodyMissing, startProsody);
