import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';
import { describeFaults } from './describe-faults.ts';
import { describePlainLosses } from './describe-plain-losses.ts';

describeFaults('ejabberd', ejabberdMissing, startEjabberd);
describePlainLosses('ejabberd', ejabberdMissing, startEjabberd);
