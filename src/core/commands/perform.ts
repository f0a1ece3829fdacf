import type {
  Caller,
  Command,
  CommandEnd,
  CommandHouse,
  CommandResult,
  CurrentTexts,
  Input,
  Refusal,
} from './command.ts';
import { poolCommands } from './pool-commands.ts';
import { queueCommands } from './queue-commands.ts';
import { mayGive, reachOf } from './reach.ts';
import { record } from './record.ts';
import { serviceCommands } from './service-commands.ts';
import { transferCommands } from './transfer-commands.ts';
import { workerCommands } from './worker-commands.ts';

/** Every command there is, by name. */
export const commands: ReadonlyMap<string, Command> = new Map(
  [...poolCommands, ...workerCommands, ...queueCommands, ...transferCommands, ...serviceCommands].map((command) => [
    command.name,
    command,
  ]),
);

/**
 * Gives a command. Of a pool that is not the caller's it says what it says of one that does not exist.
 * @param given What was given with it, by the names of its fields: texts of a form, or JSON values.
 */
export function perform(
  house: Omit<CommandHouse, 'caller'>,
  name: string,
  caller: Caller,
  given: Readonly<Record<string, unknown>>,
  now: number,
): CommandResult {
  const command = commands.get(name);
  if (command === undefined) return { refused: 'command-unknown' };
  const reach = within(house, caller);
  const refusal = mayGive(caller, command) ? inputRefusal(command, given) : ({ refused: 'command-forbidden' } as const);
  return record(reach, command, given, refusal ?? command.effect(reach, inputOf(given), now));
}

/** What stands now of a pool that a command changes, if it tells; or why it cannot be changed. */
export function currentOf(
  house: Omit<CommandHouse, 'caller'>,
  command: Command,
  caller: Caller,
  pool: string,
): CurrentTexts | Refusal | undefined {
  return command.current?.(within(house, caller), pool);
}

/** The house as it is for `caller`. */
function within(house: Omit<CommandHouse, 'caller'>, caller: Caller): CommandHouse {
  return { ...house, caller, pools: reachOf(caller, house.pools) };
}

/** What is wrong with what was given, if anything is. */
export function inputRefusal(
  { fields }: Command,
  given: Readonly<Record<string, unknown>>,
): Extract<CommandEnd, { readonly refused: unknown }> | undefined {
  const stranger = Object.keys(given).find((key) => !fields.some((field) => field.name === key));
  if (stranger !== undefined) {
    return { refused: 'command-input', field: stranger, text: 'The command takes nothing of this name.' };
  }
  for (const field of fields) {
    const reading = field.read(given[field.name]);
    if ('problem' in reading) return { refused: 'command-input', field: field.name, text: reading.problem };
  }
  return undefined;
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
