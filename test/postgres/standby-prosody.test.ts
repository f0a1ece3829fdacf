import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeSharedDatabase } from '../support/shared-database.ts';

describeSharedDatabase(
  'Prosody with kick_old',
  prosodyMissing,
  (options) => startProsody({ ...options, kickOld: true }),
  { gap: false, frozen: [] },
);
describeSharedDatabase('Prosody', prosodyMissing, startProsody, { gap: true, frozen: ['link-down'], brief: true });
