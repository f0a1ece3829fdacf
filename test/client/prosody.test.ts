import { prosodyMissing, startProsody } from '../support/prosody.ts';
import { describeLibrary } from './describe-library.ts';

describeLibrary('Prosody', prosodyMissing, (options) => startProsody(options));
