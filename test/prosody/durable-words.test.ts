import { describeDurableWords } from '../support/durable-words.ts';
import { prosodyMissing, startProsody } from '../support/prosody.ts';

describeDurableWords('Prosody', prosodyMissing, startProsody);
