import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';
import { describeRig } from '../support/rig-tests.ts';

describeRig('ejabberd', ejabberdMissing, startEjabberd);
