import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeMadePools } from '../support/suites/made-pools.ts';

describeMadePools('Prosody', prosodyMissing, startProsody);
