import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeAdHoc } from '../support/suites/adhoc.ts';
import { describeAdHocInProfanity } from '../support/suites/adhoc-profanity.ts';

describeAdHoc('ejabberd', ejabberdMissing, startEjabberd);
describeAdHocInProfanity('ejabberd', ejabberdMissing, startEjabberd);
