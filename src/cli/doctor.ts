import type { Command } from 'commander';
import { doctor } from '../app/check/doctor.ts';
import { configCommand, loadRequest } from './options.ts';

/** `switchyard doctor` */
export function doctorCommand(report: (exitCode: number) => void): Command {
  return configCommand(
    'doctor',
    'Print what a report of a fault needs, without secrets and messages. Changes nothing.',
  ).action(async (_: object, command: Command) => {
    await doctor(loadRequest(command), (text) => process.stdout.write(text));
    report(0);
  });
}
