import { describeRig } from '../support/rig-tests.ts';
import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';

describeRig('ejabberd', ejabberdMissing, startEjabberd);
