import { jabberd2Missing, startJabberd2 } from '../support/jabberd2.ts';
import { describeRig } from '../support/rig-tests.ts';

describeRig('jabberd2', jabberd2Missing, startJabberd2);
