import { Command, CommanderError } from 'commander';
import { packageVersion } from '../app/version.ts';
import { checkCommand } from './check.ts';
import { migrateCommand } from './migrate.ts';
import { explainCommand, thingsCommand } from './operate.ts';
import { runCommand } from './run.ts';
import { transferCommand } from './transfer.ts';

/**
 * Reads the command line and does what it says. Returns the exit code: 0 done, 1 it did not
 * work, 2 the command line or the configuration is wrong.
 */
export async function cli(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  // `switchyard check --explain | head`: who reads no further has what he wanted.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const report = (code: number): void => {
    exitCode = code;
  };
  const program = new Command('switchyard')
    .description('An XMPP component that puts one address in front of many workers (XEP-0354).')
    .version(packageVersion(), '-V, --version')
    .exitOverride()
    .showHelpAfterError('(switchyard --help shows what there is)')
    .addCommand(runCommand(report))
    .addCommand(checkCommand(report))
    .addCommand(migrateCommand(report))
    .addCommand(thingsCommand('pools', 'See pools of the router that runs, make and change them.', report))
    .addCommand(thingsCommand('workers', 'See workers, drain, suspend, eject them.', report))
    .addCommand(thingsCommand('service', 'See how the router does, reload it, announce something.', report))
    .addCommand(thingsCommand('queue', 'See what waits in durable pools, and why; cancel, empty, redrive.', report))
    .addCommand(explainCommand(report))
    .addCommand(transferCommand(report));
  for (const command of program.commands.flatMap((command) => [command, ...command.commands])) {
    command.exitOverride().showHelpAfterError();
  }
  program.addHelpText(
    'after',
    '\nBegin with:  switchyard check   then:  switchyard run\nThe configuration is explained in docs/configuration.md.',
  );
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version leave by an exception too, with code 0.
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}
