import { CommanderError } from 'commander';
import { programOf } from './program.ts';

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
  const program = programOf(report);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version leave by an exception too, with code 0.
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}
