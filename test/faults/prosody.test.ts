import { prosodyMissing, startProsody } from '../support/prosody.ts';
import { describeFaults } from './describe-faults.ts';

describeFaults('Prosody', prosodyMissing, startProsody);
