import { type Command, Option } from 'commander';
import { migrateStore } from '../app/database/migrate.ts';
import { moveStoreTo } from '../app/database/move-store.ts';
import { configCommand, loadRequest } from './options.ts';

interface MigrateOptions {
  readonly to?: 'postgres' | 'sqlite';
  readonly url?: string;
  readonly passwordFile?: string;
  readonly schema?: string;
  readonly allowUnsafe?: true;
  readonly file?: string;
}

/** `switchyard migrate` */
export function migrateCommand(report: (exitCode: number) => void): Command {
  const to = new Option('--to <driver>', 'move all that is stored to this driver').choices(['postgres', 'sqlite']);
  return configCommand(
    'migrate',
    'Bring the database to this version (`run` does the same when it starts), or move the store to another.',
  )
    .addOption(to)
    .option('--url <url>', 'to postgres: where it is, postgresql://role@host/database')
    .option('--password-file <file>', 'to postgres: a file with the password of the role')
    .option('--schema <name>', 'to postgres: the schema (default: switchyard)')
    .option('--allow-unsafe', 'to postgres: also to one that may lose what it has confirmed')
    .option('--file <file>', 'to sqlite: the database file, which is made')
    .addHelpText('after', help)
    .action(async (options: MigrateOptions, command: Command) => {
      const load = loadRequest(command);
      if (options.to === undefined) {
        if (options.url !== undefined || options.file !== undefined) command.error('error: say --to too');
        report(await migrateStore(load));
        return;
      }
      const { url, passwordFile, schema, allowUnsafe = false, file } = options;
      report(await moveStoreTo({ load, to: options.to, url, passwordFile, schema, allowUnsafe, file }));
    });
}

const help = `
Moving a store, with the router stopped:
  The configuration names where the store is now; the options say where to. All
  rows are copied and then read again on both sides and compared. Only then the
  old store is marked as moved, and no router uses it any more. Until then the
  old store is as it was, and no router uses the new one; after an interruption
  the same command begins anew. At the end it says what to write into "store".
    switchyard migrate --to postgres --url postgresql://switchyard@db/switchyard
    switchyard migrate --to sqlite --file data/switchyard.db`;
