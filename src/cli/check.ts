import type { Command } from 'commander';
import { check } from '../app/check/check.ts';
import { configCommand, loadRequest } from './options.ts';

/** `switchyard check` */
export function checkCommand(report: (exitCode: number) => void): Command {
  return configCommand('check', 'Test configuration, database and XMPP server, and say what to mend. Changes nothing.')
    .option('--offline', 'do not connect to the XMPP server', false)
    .option('--attach', 'connect to the XMPP server even while a router runs, which may lose messages by it', false)
    .option('--explain', 'print every setting with its source', false)
    .action(async (options: { offline: boolean; attach: boolean; explain: boolean }, command: Command) => {
      report(await check(loadRequest(command), options));
    });
}
