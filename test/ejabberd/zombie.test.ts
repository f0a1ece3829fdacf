import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeZombie } from '../support/suites/zombie.ts';

describeZombie('ejabberd', ejabberdMissing, startEjabberd, 'shares the domain');
