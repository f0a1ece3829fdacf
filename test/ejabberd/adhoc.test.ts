import { describeAdHoc } from '../support/adhoc.ts';
import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';

describeAdHoc('ejabberd', ejabberdMissing, startEjabberd);
