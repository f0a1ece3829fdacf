import { jabberd2Missing, startJabberd2 } from '../support/jabberd2.ts';
import { describeDeliveryRules } from '../support/suites/delivery-rules.ts';

describeDeliveryRules('jabberd2', jabberd2Missing, startJabberd2);
