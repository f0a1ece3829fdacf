import { describeDurableWords } from '../support/durable-words.ts';
import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';

describeDurableWords('ejabberd', ejabberdMissing, startEjabberd);
