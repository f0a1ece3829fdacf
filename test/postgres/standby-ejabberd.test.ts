import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { describeSharedDatabase } from '../support/shared-database.ts';

describeSharedDatabase('ejabberd', ejabberdMissing, startEjabberd, {
  gap: false,
  drops: true,
  frozen: ['link-suspect'],
  brief: true,
});
