import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';
import { describeZombie } from '../support/zombie.ts';

describeZombie('ejabberd', ejabberdMissing, startEjabberd, 'shares the domain');
