import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';
import { describeReload } from '../support/reload.ts';

describeReload('ejabberd', ejabberdMissing, startEjabberd);
