import { Command } from 'commander';
import { packageVersion } from '../app/version.ts';
import { backupCommand, restoreCommand } from './backup.ts';
import { checkCommand } from './check.ts';
import { completionCommand } from './completion.ts';
import { doctorCommand } from './doctor.ts';
import { migrateCommand } from './migrate.ts';
import { explainCommand, stepDownCommand, thingsCommand } from './operate.ts';
import { runCommand } from './run.ts';
import { topCommand } from './top.ts';
import { transferCommand } from './transfer.ts';

/**
 * The command line, with all its commands.
 * @param report Told the exit code of the command that ran.
 */
export function programOf(report: (exitCode: number) => void): Command {
  const program = new Command('switchyard')
    .description('An XMPP component that puts one address in front of many workers (XEP-0354).')
    .version(packageVersion(), '-V, --version')
    .exitOverride()
    .showHelpAfterError('(switchyard --help shows what there is)')
    .addCommand(runCommand(report))
    .addCommand(checkCommand(report))
    .addCommand(migrateCommand(report))
    .addCommand(backupCommand(report))
    .addCommand(restoreCommand(report))
    .addCommand(thingsCommand('pools', 'See pools of the router that runs, make and change them.', report))
    .addCommand(thingsCommand('workers', 'See workers, drain, suspend, eject them.', report))
    .addCommand(thingsCommand('service', 'See how the router does, reload it, announce something.', report))
    .addCommand(thingsCommand('queue', 'See what waits in durable pools, and why; cancel, empty, redrive.', report))
    .addCommand(explainCommand(report))
    .addCommand(stepDownCommand(report))
    .addCommand(topCommand(report))
    .addCommand(transferCommand(report))
    .addCommand(doctorCommand(report))
    .addCommand(completionCommand(report));
  for (const command of program.commands.flatMap((command) => [command, ...command.commands])) {
    command.exitOverride().showHelpAfterError();
  }
  program.addHelpText(
    'after',
    '\nBegin with:  switchyard check   then:  switchyard run\nThe configuration is explained in docs/configuration.md.',
  );
  return program;
}
