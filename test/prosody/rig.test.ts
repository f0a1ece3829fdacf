import { describeRig } from '../support/rig-tests.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';

describeRig('Prosody', prosodyMissing, startProsody);
