import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { describeCheck } from './describe-check.ts';

describeCheck('Prosody', prosodyMissing, startProsody, /\(host-unknown\): .*other\.localhost/);
