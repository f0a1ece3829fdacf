import { Command } from 'commander';
import {
  cancelTransfers,
  describeCommand,
  showTransfers,
  startTransfers,
  type TransferRequest,
} from '../app/operate/transfer.ts';
import { configCommand, loadRequest } from './options.ts';

type Report = (exitCode: number) => void;

/** `switchyard transfer` */
export function transferCommand(report: Report): Command {
  return new Command('transfer')
    .description('Have workers connect to another server (XEP-0051), through the router that runs.')
    .addCommand(startCommand('maintenance', report))
    .addCommand(startCommand('rebalance', report))
    .addCommand(
      withJson(configCommand('status', 'Show the runs of transfers, or one of them with its workers.'))
        .argument('[run]', 'the id of a run')
        .action(async (run: string | undefined, _options, command: Command) =>
          report(await showTransfers(requestOf(command), run)),
        ),
    )
    .addCommand(
      withJson(configCommand('cancel', describeCommand('transfers.cancel').help))
        .argument('<run>', 'the id of a run')
        .action(async (run: string, _options, command: Command) =>
          report(await cancelTransfers(requestOf(command), run)),
        ),
    );
}

function startCommand(scenario: 'maintenance' | 'rebalance', report: Report): Command {
  const { help, options } = describeCommand(`transfers.${scenario}`);
  const command = withJson(configCommand(scenario, help)).option('--no-wait', 'start, and do not wait for the end');
  for (const { name, help, flag, required, fallback } of options) {
    const long = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const text = fallback === undefined ? help : `${help} (default: ${fallback})`;
    if (flag) command.option(long, text);
    else if (required) command.requiredOption(`${long} <${name}>`, text);
    else command.option(`${long} <${name}>`, text);
  }
  return command.action(async (given: Readonly<Record<string, unknown>>, self: Command) => {
    const known = Object.entries(given).filter(([key]) => options.some(({ name }) => name === key));
    report(await startTransfers(requestOf(self), scenario, Object.fromEntries(known), given['wait'] !== false));
  });
}

function withJson(command: Command): Command {
  return command.option('--json', 'answer with JSON', false);
}

function requestOf(command: Command): TransferRequest {
  return { load: loadRequest(command), json: command.opts<{ json: boolean }>().json };
}
