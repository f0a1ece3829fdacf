import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';
import { describeInstances } from '../support/instances.ts';

describeInstances('ejabberd', ejabberdMissing, startEjabberd);
