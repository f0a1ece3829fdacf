import { Command } from 'commander';
import type { LoadRequest } from '../app/load.ts';

/** What every command that reads the configuration takes. */
interface ConfigOptions {
  readonly config?: string;
  readonly set: readonly string[];
}

/** A command with the options that name the configuration. */
export function configCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('-c, --config <file>', 'the configuration file (default: ./component.config.json)')
    .option(
      '-s, --set <path=value>',
      'a setting that wins over file and environment, such as log.level=debug; may be repeated',
      (value: string, before: readonly string[]) => [...before, value],
      [],
    );
}

/** The options as the request to load the configuration. */
export function loadRequest(command: Command): LoadRequest {
  const { config, set } = command.opts<ConfigOptions>();
  return { file: config, settings: set };
}
