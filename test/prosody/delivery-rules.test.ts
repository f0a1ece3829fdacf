import { describeDeliveryRules } from '../support/delivery-rules.ts';
import { prosodyMissing, startProsody } from '../support/prosody.ts';

describeDeliveryRules('Prosody', prosodyMissing, startProsody);
