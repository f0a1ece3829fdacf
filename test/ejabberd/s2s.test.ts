import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeFederation } from '../support/suites/federation.ts';

const ejabberd = { start: startEjabberd, user: 'ejabberd' };
const prosody = { start: startProsody, user: 'prosody' };

describeFederation(
  'a pool at ejabberd with clients at Prosody too, and the other way about',
  () => ejabberdMissing() ?? prosodyMissing(),
  [
    { near: ejabberd, far: prosody },
    { near: prosody, far: ejabberd },
  ],
);
