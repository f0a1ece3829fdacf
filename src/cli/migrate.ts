import type { Command } from 'commander';
import { migrateStore } from '../app/migrate.ts';
import { configCommand, loadRequest } from './options.ts';

/** `switchyard migrate` */
export function migrateCommand(report: (exitCode: number) => void): Command {
  return configCommand('migrate', 'Bring the database to this version; `run` does the same when it starts.').action(
    async (_options, command: Command) => report(await migrateStore(loadRequest(command))),
  );
}
