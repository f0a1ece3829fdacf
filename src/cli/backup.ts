import type { Command } from 'commander';
import { backup, restore } from '../app/database/backup.ts';
import { configCommand, loadRequest } from './options.ts';

/** `switchyard backup` */
export function backupCommand(report: (exitCode: number) => void): Command {
  return configCommand('backup', 'Copy the database to a new file, also while the router runs.')
    .argument('<file>', 'the copy')
    .action((file: string, _options, command: Command) => report(backup(loadRequest(command), file)));
}

/** `switchyard restore` */
export function restoreCommand(report: (exitCode: number) => void): Command {
  return configCommand('restore', 'Put a copy in the place of the database, while no router runs.')
    .argument('<file>', 'a copy that `switchyard backup` made')
    .action((file: string, _options, command: Command) => report(restore(loadRequest(command), file)));
}
