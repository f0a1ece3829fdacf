import { ejabberdMissing, startEjabberd } from '../support/ejabberd.ts';
import { describeLibrary } from './describe-library.ts';

describeLibrary('ejabberd', ejabberdMissing, (options) => startEjabberd(options));
