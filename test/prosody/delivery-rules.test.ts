import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeDeliveryRules } from '../support/suites/delivery-rules.ts';

describeDeliveryRules('Prosody', prosodyMissing, startProsody);
