import { prosodyMissing, startProsody } from '../support/prosody.ts';
import { describeSharing } from '../support/sharing.ts';

describeSharing('Prosody', prosodyMissing, startProsody);
