import type { StoredDelivery } from '../delivery-state.ts';
import { stanzaIdOf } from '../durable/token.ts';
import type { Pool } from '../pool/pool.ts';
import type { Command, CommandEnd, CommandHouse, CommandResult, Input, View } from './command.ts';
import { optionalChoice, requiredChoice, whole } from './field.ts';
import { afterField, idField, idsField, idsOrAllField } from './message-ids.ts';
import { messageColumns, messageReport, messageSummary } from './message-report.ts';
import { queueColumns, queueReport } from './queue-report.ts';
import type { Queues } from './queues.ts';
import { anyPoolField, findPool, findPools, poolField } from './targets.ts';

type State = StoredDelivery['state'];

const states: readonly State[] = ['ready', 'leased', 'dead'];
const state = optionalChoice({
  name: 'state',
  label: 'State',
  help: 'Only those that wait (`ready`), that workers have (`leased`), or dead letters (`dead`).',
  words: states,
});
const limit = whole({ name: 'limit', label: 'Limit', help: 'How many to list.', min: 1, max: 1_000, fallback: 50 });
const purged = requiredChoice({
  name: 'state',
  label: 'State',
  help: 'All that wait (`ready`), or all dead letters (`dead`).',
  words: ['ready', 'dead'],
});
const perSecond = whole({
  name: 'perSecond',
  label: 'Per second',
  help: 'How many go back into the queue in a second.',
  min: 1,
  max: 10_000,
  fallback: 50,
});
const countView: View = { rows: undefined, columns: [{ key: 'pool', label: 'Pool' }] };

const status: Command = {
  name: 'queue.status',
  title: 'Show how the queues are doing',
  help: 'How much waits in each pool, since when, and why it does not move.',
  role: 'owner',
  reads: true,
  fields: [anyPoolField],
  view: { rows: 'queues', columns: queueColumns },
  effect: (house, input, now) => {
    const pools = findPools(house, input);
    if ('missing' in pools) return pools.missing;
    return { done: { queues: pools.found.flatMap((pool) => queueReport(house, pool, now) ?? []) } };
  },
};

const list: Command = {
  name: 'queue.list',
  title: 'List the messages of a queue',
  help: 'In the order in which they were accepted, a page at a time.',
  role: 'owner',
  reads: true,
  confidential: true,
  fields: [poolField, state, afterField, limit],
  view: { rows: 'messages', columns: messageColumns },
  effect: (house, input) => {
    const wanted = input.of(state);
    return listOf(house, input, wanted === undefined ? states : [wanted]);
  },
};

const dead: Command = {
  name: 'queue.dead',
  title: 'List dead letters',
  help: 'Messages that no worker took, or that were given up, each with the reason.',
  role: 'owner',
  reads: true,
  confidential: true,
  fields: [poolField, afterField, limit],
  view: { rows: 'messages', columns: messageColumns },
  effect: (house, input) => listOf(house, input, ['dead']),
};

const show: Command = {
  name: 'queue.show',
  title: 'Show a message',
  help: 'All that is known of a message: who has it, who had it, and what it says.',
  role: 'owner',
  reads: true,
  confidential: true,
  fields: [poolField, idField],
  view: {
    rows: undefined,
    columns: [
      ...messageColumns,
      { key: 'to', label: 'To' },
      { key: 'type', label: 'Type' },
      { key: 'messageId', label: 'Message id' },
      { key: 'key', label: 'Ordering key' },
      { key: 'died', label: 'Died', kind: 'time' },
      { key: 'history', label: 'Earlier attempts', kind: 'list' },
      { key: 'content', label: 'Content' },
    ],
  },
  effect: (house, input) =>
    onQueue(house, input, async (queues, pool) => {
      const id = input.of(idField);
      const [row] = (await queues.list(pool, states, id - 1, 1)).rows;
      return row?.id === id ? { done: messageReport(row) } : { refused: 'message-unknown', field: idField.name };
    }),
};

const cancel: Command = {
  name: 'queue.cancel',
  title: 'Cancel messages',
  help: 'Takes messages out of the queue, also those that workers have. Dead letters are left.',
  role: 'owner',
  destroys: 'The messages are deleted, and their senders are told.',
  fields: [poolField, idsField],
  view: countView,
  effect: (house, input) =>
    onQueue(house, input, async (queues, pool) => {
      const count = await queues.cancel(pool, input.of(idsField));
      return counted(pool, count, `Cancelled: ${count} of ${input.of(idsField).length}.`);
    }),
};

const purge: Command = {
  name: 'queue.purge',
  title: 'Empty a queue',
  help: 'Deletes all messages that wait, whose senders are told, or all dead letters.',
  role: 'owner',
  destroys: 'All of these messages are deleted.',
  fields: [poolField, purged],
  view: countView,
  effect: (house, input) =>
    onQueue(house, input, async (queues, pool) => {
      const count = await queues.purge(pool, input.of(purged));
      return counted(pool, count, `Deleted: ${count}.`);
    }),
};

const redrive: Command = {
  name: 'queue.redrive',
  title: 'Put dead letters back into the queue',
  help: 'They get a new life and all their attempts again, so many a second.',
  role: 'owner',
  fields: [poolField, idsOrAllField, perSecond],
  view: countView,
  effect: (house, input) =>
    onQueue(house, input, (queues, pool) => {
      const ids = input.of(idsOrAllField);
      const pace = input.of(perSecond);
      const count = ids === 'all' ? (queues.depth(pool)?.dead ?? 0) : ids.length;
      queues.redrive(pool, ids, pace);
      return Promise.resolve(counted(pool, count, `Begun: ${count}, at most ${pace} a second.`));
    }),
};

/** What can be done about the queues of durable pools. */
export const queueCommands: readonly Command[] = [status, list, show, dead, cancel, purge, redrive];

function listOf(house: CommandHouse, input: Input, wanted: readonly State[]): CommandResult {
  return onQueue(house, input, async (queues, pool) => {
    const { rows, more } = await queues.list(pool, wanted, input.of(afterField), input.of(limit));
    const last = rows.at(-1);
    const text =
      more && last !== undefined ? `There are more after ${stanzaIdOf(last.id)}.` : `Messages: ${rows.length}.`;
    return { done: { messages: rows.map(messageSummary), more, text } };
  });
}

/** Does something to the queue of the pool that was named; what the store cannot do is said. */
function onQueue(
  house: CommandHouse,
  input: Input,
  act: (queues: Queues, pool: Pool) => Promise<CommandEnd>,
): CommandResult {
  const pool = findPool(house, input.of(poolField));
  if ('missing' in pool) return pool.missing;
  const { queues } = house;
  if (queues?.depth(pool.found) === undefined) return { refused: 'queue-none' };
  return { later: act(queues, pool.found).catch(failed) };
}

function failed(error: unknown): CommandEnd {
  const why = error instanceof Error ? error.message : String(error);
  return { refused: 'store-failed', text: `The store did not do its part: ${why}` };
}

function counted(pool: Pool, count: number, text: string): CommandEnd {
  return { done: { pool: pool.settings.name, count, text } };
}
