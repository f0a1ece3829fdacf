import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeDeliveries } from './describe-deliveries.ts';
import { describeLibrary } from './describe-library.ts';

describeLibrary('Prosody', prosodyMissing, (options) => startProsody(options));
describeDeliveries('Prosody', prosodyMissing, (options) => startProsody(options));
