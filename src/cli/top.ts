import { type Command, InvalidArgumentError, Option } from 'commander';
import { top } from '../app/operate/top.ts';
import { type Order, orders } from '../app/operate/top-view.ts';
import { configCommand, loadRequest } from './options.ts';

interface TopOptions {
  readonly interval: number;
  readonly sort: Order;
  readonly once: boolean;
}

/** `switchyard top` */
export function topCommand(report: (exitCode: number) => void): Command {
  return configCommand('top', 'A live view of the pools: rates, workers, what waits and why. q quits.')
    .option('-i, --interval <seconds>', 'seconds between two pictures, from 0.5 to 60', milliseconds, 1_000)
    .addOption(new Option('--sort <column>', 'by what pools are sorted').choices(orders).default('pool'))
    .option('--once', 'print one picture and end', false)
    .action(async (options: TopOptions, command: Command) => {
      const { interval, sort: order, once } = options;
      report(await top({ load: loadRequest(command), interval, order, once }));
    });
}

function milliseconds(text: string): number {
  const seconds = /^\d{1,2}(?:\.\d)?$/.test(text) ? Number(text) : 0;
  if (seconds < 0.5 || seconds > 60) throw new InvalidArgumentError('It must be a number from 0.5 to 60.');
  return seconds * 1_000;
}
