import { describeMadePools } from '../support/made-pools.ts';
import { prosodyMissing, startProsody } from '../support/prosody.ts';

describeMadePools('Prosody', prosodyMissing, startProsody);
