import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeDurableWords } from '../support/suites/durable-words.ts';

describeDurableWords('ejabberd', ejabberdMissing, startEjabberd);
