import type { Command, CommandHouse, MadePool, Refusal } from './command.ts';
import { flag, required, requiredText } from './field.ts';
import { poolFields, settingsField, settingsWith, textsOfSettings } from './pool-fields.ts';
import { findPool, poolField } from './targets.ts';

const nameField = requiredText({
  name: 'name',
  label: 'Name',
  help: 'The part of the address before the @, such as jobs.',
});
const forceField = flag({
  name: 'force',
  label: 'Even so',
  help: 'Also when its queue holds messages. They stay in the database, for a pool of that name.',
});

const create: Command = {
  name: 'pools.create',
  title: 'Make a pool',
  help: 'It opens at once, is kept in the database, and is there again after a restart. What is left out has the default of the configuration.',
  role: 'admin',
  fields: [nameField, ...poolFields.map((field) => (field.name === 'workers' ? required(field) : field))],
  view: {
    rows: undefined,
    columns: [
      { key: 'pool', label: 'Pool' },
      { key: 'address', label: 'Address' },
    ],
  },
  effect: ({ desk, caller }, input, now) => ({
    later: desk.pools.make(input.of(nameField), settingsWith({}, input), caller.name, now),
  }),
};

const edit: Command = {
  name: 'pools.edit',
  title: 'Change a pool that was made',
  help: 'What is left out, or emptied, stays. Workers keep their places, and what waits goes on waiting. A pool of the configuration is changed there.',
  role: 'owner',
  fields: [poolField, ...poolFields],
  current: (house, pool) => {
    const made = madePool(house, pool);
    return 'refused' in made ? made : textsOfSettings(made.settings, house.caller.role === 'admin');
  },
  view: {
    rows: 'changes',
    // The text begins with its place where it has one.
    columns: [{ key: 'text', label: 'Change' }],
  },
  effect: (house, input, now) => {
    const { desk, caller } = house;
    if (caller.role !== 'admin' && input.of(settingsField) !== undefined) {
      return { refused: 'command-forbidden', field: settingsField.name, text: 'Only an administrator may give this.' };
    }
    const name = input.of(poolField);
    const made = madePool(house, name);
    if ('refused' in made) return made;
    return { later: desk.pools.change(name, settingsWith(made.settings, input), caller.name, now) };
  },
};

const remove: Command = {
  name: 'pools.delete',
  title: 'Delete a pool that was made',
  help: 'As a pool that is taken out of the configuration: its address is nothing any more, and its workers and who waits in memory are told.',
  role: 'admin',
  destroys: 'The pool and all that is known of its workers is forgotten.',
  fields: [poolField, forceField],
  view: { rows: undefined, columns: [{ key: 'pool', label: 'Pool' }] },
  effect: (house, input) => {
    const name = input.of(poolField);
    const made = madePool(house, name);
    if ('refused' in made) return made;
    const held = messagesIn(house, name);
    if (held > 0 && !input.of(forceField)) {
      const text = `The queue of the pool holds ${held} messages, dead letters included. Empty it, or give force: they stay in the database then.`;
      return { refused: 'pool-holds-messages', text };
    }
    return { later: house.desk.pools.remove(name) };
  },
};

/** What can be done about pools that operators make while the router runs. */
export const makingCommands: readonly Command[] = [create, edit, remove];

/** The pool of this name if it was made, or why nothing can be done about it. */
function madePool(house: CommandHouse, name: string): MadePool | Refusal {
  const found = findPool(house, name);
  if ('missing' in found) return found.missing;
  return house.desk.pools.find(name) ?? { refused: 'pool-fixed', field: poolField.name };
}

function messagesIn({ queues, pools }: CommandHouse, name: string): number {
  const pool = pools.get(name);
  const depth = pool === undefined ? undefined : queues?.depth(pool);
  return depth === undefined ? 0 : depth.ready + depth.leased + depth.dead;
}
