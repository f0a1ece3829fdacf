import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeDeliveryRules } from '../support/suites/delivery-rules.ts';

describeDeliveryRules('ejabberd', ejabberdMissing, startEjabberd);
