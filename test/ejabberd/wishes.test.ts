import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeWishes } from '../support/suites/wishes.ts';

describeWishes('ejabberd', ejabberdMissing, startEjabberd);
