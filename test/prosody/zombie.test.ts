import { prosodyMissing, startProsody } from '../support/prosody.ts';
import { describeZombie } from '../support/zombie.ts';

describeZombie('Prosody', prosodyMissing, startProsody, 'refuses the second');
