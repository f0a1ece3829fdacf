import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeDeliveries } from './describe-deliveries.ts';
import { describeLibrary } from './describe-library.ts';

describeLibrary('ejabberd', ejabberdMissing, (options) => startEjabberd(options));
describeDeliveries('ejabberd', ejabberdMissing, (options) => startEjabberd(options));
