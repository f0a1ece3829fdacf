import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeInstances } from '../support/suites/instances.ts';

describeInstances('ejabberd', ejabberdMissing, startEjabberd);
