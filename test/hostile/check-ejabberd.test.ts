import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeCheck } from './describe-check.ts';

// ejabberd does not tell a wrong domain from a wrong secret; the advice names both.
describeCheck('ejabberd', ejabberdMissing, startEjabberd, /\(wrong-secret\): .*\n.*component\.domain/);
