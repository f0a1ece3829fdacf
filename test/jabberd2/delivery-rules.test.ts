import { describeDeliveryRules } from '../support/delivery-rules.ts';
import { jabberd2Missing, startJabberd2 } from '../support/jabberd2.ts';

describeDeliveryRules('jabberd2', jabberd2Missing, startJabberd2);
