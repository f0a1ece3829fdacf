import type { Audience } from './announcements.ts';
import type { Command } from './command.ts';
import { choice, type Field, requiredText } from './field.ts';
import { anyPoolField, findPools } from './targets.ts';

/** Most characters of an announcement. */
const longest = 2_000;

const anyText = requiredText({
  name: 'text',
  label: 'Text',
  help: `What to tell them, at most ${longest} characters.`,
});
const text: Field<string> = {
  ...anyText,
  unlogged: true,
  read: (value) =>
    typeof value === 'string' && value.length > longest
      ? { problem: `This is longer than ${longest} characters.` }
      : anyText.read(value),
};
const words: readonly Audience[] = ['workers', 'owners'];
const to = choice({
  name: 'to',
  label: 'To',
  help: 'The workers that are here, or the owners of the pools, as far as each is named by an address.',
  words,
  fallback: 'workers',
});

/** One headline to each worker, or owner. */
export const announce: Command = {
  name: 'service.announce',
  title: 'Announce something',
  help: 'Sends one headline to each worker, or each owner, of a pool or of all: from the pool, or from the service. At most 200 a second.',
  role: 'admin',
  fields: [text, to, anyPoolField],
  view: { rows: undefined, columns: [{ key: 'count', label: 'Told', kind: 'number' }] },
  effect: (house, input) => {
    const pools = findPools(house, input);
    if ('missing' in pools) return pools.missing;
    const [only] = input.of(anyPoolField) === undefined ? [] : pools.found;
    const from = only?.jid ?? house.about.domain;
    const count = house.announcements.begin(from, pools.found, input.of(to), input.of(text));
    if (count === undefined) {
      return {
        refused: 'command-busy',
        text: 'As many announcements are under way as may be. Wait until one is over.',
      };
    }
    return { done: { count, text: count === 0 ? 'There is nobody to tell.' : `Begun: ${count}.` } };
  },
};
