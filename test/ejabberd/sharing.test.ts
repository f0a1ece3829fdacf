import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';
import { describeSharing } from '../support/sharing.ts';

describeSharing('ejabberd', ejabberdMissing, startEjabberd);
