import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeStandby } from '../support/standby.ts';

describeStandby(
  'Prosody with kick_old',
  prosodyMissing,
  (options) => startProsody({ ...options, kickOld: true }),
  false,
);
describeStandby('Prosody', prosodyMissing, startProsody, true);
