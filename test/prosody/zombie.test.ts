import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeZombie } from '../support/suites/zombie.ts';

describeZombie('Prosody', prosodyMissing, startProsody, 'refuses the second');
