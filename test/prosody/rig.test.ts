import { prosodyMissing, startProsody } from '../support/prosody.ts';
import { describeRig } from '../support/rig-tests.ts';

describeRig('Prosody', prosodyMissing, startProsody);
