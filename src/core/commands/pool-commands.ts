import { algorithmNames } from '../select/table.ts';
import type { Column, Command, CommandEnd } from './command.ts';
import { explain } from './explain.ts';
import { requiredChoice } from './field.ts';
import { limitField, skipField } from './paging.ts';
import { makingCommands } from './pool-making.ts';
import { originOf, poolReport, poolSummary } from './pool-report.ts';
import { queueReport } from './queue-report.ts';
import { findPool, poolField } from './targets.ts';

const algorithm = requiredChoice({
  name: 'algorithm',
  label: 'Algorithm',
  help: 'How the pool chooses among its workers; one that it offers.',
  words: algorithmNames(),
});

const columns: readonly Column[] = [
  { key: 'pool', label: 'Pool' },
  { key: 'algorithm', label: 'Algorithm' },
  { key: 'guarantee', label: 'Guarantee' },
  { key: 'workers', label: 'Workers', kind: 'number' },
  { key: 'available', label: 'Available', kind: 'number' },
  { key: 'inFlight', label: 'In flight', kind: 'number' },
  { key: 'waiting', label: 'Waiting', kind: 'number' },
];

const list: Command = {
  name: 'pools.list',
  title: 'List the pools',
  help: 'Every pool with its workers and what they have to do.',
  role: 'owner',
  reads: true,
  fields: [],
  view: { rows: 'pools', columns },
  effect: ({ pools }, _input, now) => ({ done: { pools: [...pools.values()].map((pool) => poolSummary(pool, now)) } }),
};

const show: Command = {
  name: 'pools.show',
  title: 'Show a pool',
  help: 'What is to be known of a pool: how it is doing, and what operators and clients have changed.',
  role: 'owner',
  reads: true,
  fields: [poolField],
  view: {
    rows: undefined,
    columns: [
      ...columns,
      { key: 'address', label: 'Address' },
      { key: 'title', label: 'Title' },
      { key: 'configuredAlgorithm', label: 'Configured' },
      { key: 'offer', label: 'Offers', kind: 'list' },
      { key: 'states', label: 'Workers by state', kind: 'object' },
      { key: 'openRequests', label: 'Open requests', kind: 'number' },
      { key: 'movedTo', label: 'Moved to' },
      { key: 'orders', label: 'Orders', kind: 'list' },
      { key: 'origin', label: 'Origin' },
      { key: 'madeBy', label: 'Made by' },
      { key: 'madeAt', label: 'Made', kind: 'time' },
      { key: 'settings', label: 'Settings', kind: 'object' },
      { key: 'queue', label: 'Queue', kind: 'object' },
    ],
  },
  effect: (house, input, now) => {
    const pool = findPool(house, input.of(poolField));
    return 'missing' in pool
      ? pool.missing
      : {
          done: {
            ...poolReport(pool.found, now),
            ...originOf(house, pool.found),
            queue: queueReport(house, pool.found, now) ?? null,
          },
        };
  },
};

const setAlgorithm: Command = {
  name: 'pools.algorithm',
  title: 'Set the algorithm of a pool',
  help: 'As a client can by XEP-0354: it stays until another is set, or the configuration names another than now.',
  role: 'owner',
  fields: [poolField, algorithm],
  view: {
    rows: undefined,
    columns: [
      { key: 'pool', label: 'Pool' },
      { key: 'before', label: 'Before' },
      { key: 'algorithm', label: 'Algorithm' },
    ],
  },
  effect: (house, input) => {
    const found = findPool(house, input.of(poolField));
    if ('missing' in found) return found.missing;
    const pool = found.found;
    const { name, offer } = pool.settings;
    const wanted = input.of(algorithm);
    if (!offer.includes(wanted)) {
      return { refused: 'command-input', field: algorithm.name, text: `The pool offers only ${offer.join(', ')}.` };
    }
    const before = pool.algorithm;
    const later = new Promise<CommandEnd>((resolve) => {
      house.steering.setAlgorithm(pool, wanted, (error) => {
        resolve(
          error === undefined
            ? { done: { pool: name, before, algorithm: pool.algorithm } }
            : { refused: 'store-failed' },
        );
      });
    });
    return { later };
  },
};

const explainPool: Command = {
  name: 'pools.explain',
  title: 'Explain who gets the next message',
  help: 'Which worker an ordinary message that comes now would go to, and why each other one not.',
  role: 'owner',
  reads: true,
  fields: [poolField, skipField, limitField],
  view: {
    rows: 'workers',
    columns: [
      { key: 'worker', label: 'Worker' },
      { key: 'label', label: 'Label' },
      { key: 'chance', label: 'Chance' },
      { key: 'priority', label: 'Priority', kind: 'number' },
      { key: 'weight', label: 'Weight', kind: 'number' },
      { key: 'inFlight', label: 'In flight', kind: 'number' },
      { key: 'holds', label: 'Holds', kind: 'number' },
      { key: 'why', label: 'Why' },
    ],
  },
  effect: (house, input, now) => {
    const pool = findPool(house, input.of(poolField));
    if ('missing' in pool) return pool.missing;
    const failures = house.queues?.failures(pool.found);
    const explanation = explain(pool.found, { skip: input.of(skipField), limit: input.of(limitField), failures }, now);
    const queue = queueReport(house, pool.found, now);
    const text = queue === undefined ? explanation.text : `${explanation.text}\n${queue.why}`;
    return { done: { ...explanation, text, queue: queue ?? null } };
  },
};

/** What can be done about pools. */
export const poolCommands: readonly Command[] = [list, show, explainPool, setAlgorithm, ...makingCommands];
