import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeDurableWords } from '../support/suites/durable-words.ts';

describeDurableWords('Prosody', prosodyMissing, startProsody);
