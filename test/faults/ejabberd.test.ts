import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';
import { describeFaults } from './describe-faults.ts';

describeFaults('ejabberd', ejabberdMissing, startEjabberd);
