import { describeDeliveryRules } from '../support/delivery-rules.ts';
import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';

describeDeliveryRules('ejabberd', ejabberdMissing, startEjabberd);
