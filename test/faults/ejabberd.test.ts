import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeFaults } from './describe-faults.ts';
import { describeGuarantee } from './describe-guarantee.ts';
import { describePlainLosses } from './describe-plain-losses.ts';
import { describeSpreadFaults } from './describe-spread.ts';

describeFaults('ejabberd', ejabberdMissing, startEjabberd);
describePlainLosses('ejabberd', ejabberdMissing, startEjabberd);
describeGuarantee('ejabberd', ejabberdMissing, startEjabberd, ['order is kept whatever breaks']);
describeSpreadFaults('ejabberd', ejabberdMissing, startEjabberd, 0);
