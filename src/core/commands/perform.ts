import type { Command, CommandHouse, CommandResult, Input, Role } from './command.ts';
import { poolCommands } from './pool-commands.ts';
import { queueCommands } from './queue-commands.ts';
import { transferCommands } from './transfer-commands.ts';
import { workerCommands } from './worker-commands.ts';

/** Every command there is, by name. */
export const commands: ReadonlyMap<string, Command> = new Map(
  [...poolCommands, ...workerCommands, ...queueCommands, ...transferCommands].map((command) => [command.name, command]),
);

/**
 * Gives a command.
 * @param given What was given with it, by the names of its fields: texts of a form, or JSON values.
 */
export function perform(
  house: CommandHouse,
  name: string,
  caller: Role,
  given: Readonly<Record<string, unknown>>,
  now: number,
): CommandResult {
  const command = commands.get(name);
  if (command === undefined) return { refused: 'command-unknown' };
  if (command.role === 'admin' && caller !== 'admin') return { refused: 'command-forbidden' };
  const stranger = Object.keys(given).find((key) => !command.fields.some((field) => field.name === key));
  if (stranger !== undefined) {
    return { refused: 'command-input', field: stranger, text: 'The command takes nothing of this name.' };
  }
  for (const field of command.fields) {
    const reading = field.read(given[field.name]);
    if ('problem' in reading) return { refused: 'command-input', field: field.name, text: reading.problem };
  }
  return command.effect(house, inputOf(given), now);
}

/** Of what was checked before. */
function inputOf(given: Readonly<Record<string, unknown>>): Input {
  return {
    of: (field) => {
      const reading = field.read(given[field.name]);
      if ('problem' in reading) throw new Error(`${field.name} was not checked: ${reading.problem}`);
      return reading.value;
    },
  };
}
