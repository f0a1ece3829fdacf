import { describeAdHoc } from '../support/adhoc.ts';
import { describeAdHocInProfanity } from '../support/adhoc-profanity.ts';
import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';

describeAdHoc('ejabberd', ejabberdMissing, startEjabberd);
describeAdHocInProfanity('ejabberd', ejabberdMissing, startEjabberd);
