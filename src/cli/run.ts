import type { Command } from 'commander';
import { serve } from '../app/serve.ts';
import { configCommand, loadRequest } from './options.ts';

/** `switchyard run` */
export function runCommand(report: (exitCode: number) => void): Command {
  return configCommand(
    'run',
    'Attach to the XMPP server and route messages until told to stop (SIGTERM, SIGINT).',
  ).action(async (_options, command: Command) => report(await serve(loadRequest(command))));
}
