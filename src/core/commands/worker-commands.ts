import type { Order } from '../pool/orders.ts';
import type { Command, CommandEnd, CommandHouse, Input, View } from './command.ts';
import { whole } from './field.ts';
import { limitField, skipField } from './paging.ts';
import { anyPoolField, findPools, findWorkers, type Place, preparedName, workerField } from './targets.ts';
import { workerColumns, workerReport } from './worker-report.ts';

const weight = whole({
  name: 'weight',
  label: 'Weight',
  help: 'From 1 to 1000; 0 for that of its presence or of the configuration.',
  min: 0,
  max: 1_000,
});

const listView: View = { rows: 'workers', columns: workerColumns };
const target = [workerField, anyPoolField];

const list: Command = {
  name: 'workers.list',
  title: 'List the workers',
  help: 'The workers of a pool, or of all, in the order in which they joined, each with its state.',
  role: 'owner',
  reads: true,
  fields: [anyPoolField, skipField, limitField],
  view: listView,
  effect: (house, input, now) => {
    const pools = findPools(house, input);
    if ('missing' in pools) return pools.missing;
    const total = pools.found.reduce((sum, { roster }) => sum + roster.size, 0);
    const from = input.of(skipField);
    const chosen: Place[] = [];
    let place = 0;
    for (const pool of pools.found) {
      for (const member of pool.roster) {
        if (place >= from && chosen.length < input.of(limitField)) chosen.push({ pool, member });
        place += 1;
      }
    }
    const workers = chosen.map((each) => workerReport(each, now));
    const left = total - from - workers.length;
    const text = left > 0 ? `${workers.length} of ${total} workers.` : `Workers: ${total}.`;
    return { done: { total, workers, text } };
  },
};

const show: Command = {
  name: 'workers.show',
  title: 'Show a worker',
  help: 'What is known of a worker, in each pool that it works in.',
  role: 'owner',
  reads: true,
  fields: target,
  view: {
    rows: 'workers',
    columns: [
      ...workerColumns,
      { key: 'why', label: 'Why' },
      { key: 'priority', label: 'Priority', kind: 'number' },
      { key: 'show', label: 'Show' },
      { key: 'capacity', label: 'Capacity', kind: 'number' },
      { key: 'mayHold', label: 'May hold', kind: 'number' },
      { key: 'latency', label: 'Latency (ms)', kind: 'number' },
      { key: 'order', label: 'By an operator' },
      { key: 'server', label: 'Server' },
      { key: 'answersPings', label: 'Answers pings', kind: 'flag' },
      { key: 'heard', label: 'Heard', kind: 'time' },
    ],
  },
  effect: (house, input, now) => {
    const found = findWorkers(house, input);
    return 'missing' in found ? found.missing : { done: { workers: reports(found.found, now) } };
  },
};

const drain: Command = {
  name: 'workers.drain',
  title: 'Drain a worker',
  help: 'It gets no new work, finishes what it has, and stays so until it is resumed, also when it joins again.',
  role: 'owner',
  fields: target,
  view: listView,
  effect: (house, input, now) => order(house, input, now, (before) => ({ ...before, held: 'drained' })),
};

const suspend: Command = {
  name: 'workers.suspend',
  title: 'Suspend a worker',
  help: 'It gets nothing at all, until it is resumed, also when it joins again.',
  role: 'owner',
  fields: target,
  view: listView,
  effect: (house, input, now) => order(house, input, now, (before) => ({ ...before, held: 'suspended' })),
};

const resume: Command = {
  name: 'workers.resume',
  title: 'Resume a worker',
  help: 'Takes back that it is drained or suspended. One that fell silent is pinged, and works again when it answers.',
  role: 'owner',
  fields: target,
  view: listView,
  effect: (house, input, now) => {
    const absent = resumeAbsent(house, input);
    const found = findWorkers(house, input);
    if ('missing' in found) return absent === undefined ? found.missing : absent;
    for (const { pool, member } of found.found) {
      if (member.state === 'suspended') house.steering.ask(pool, member, now);
    }
    return order(house, input, now, (before) => ({ ...before, held: undefined }));
  },
};

const setWeight: Command = {
  name: 'workers.weight',
  title: 'Set the weight of a worker',
  help: 'Its share under weighted, leastbusy and sticky, whatever its presence and the configuration say.',
  role: 'owner',
  fields: [workerField, weight, anyPoolField],
  view: listView,
  effect: (house, input, now) => {
    const given = input.of(weight);
    return order(house, input, now, (before) => ({ ...before, weight: given === 0 ? undefined : given }));
  },
};

const eject: Command = {
  name: 'workers.eject',
  title: 'Eject a worker',
  help: 'Takes it out of the pool and tells it. It may join again: suspend it to keep work from it.',
  role: 'owner',
  fields: target,
  view: listView,
  effect: (house, input, now) => {
    const found = findWorkers(house, input);
    if ('missing' in found) return found.missing;
    const fixed = found.found.find(({ member }) => member.far !== undefined);
    if (fixed !== undefined) {
      const text = `${fixed.member.jid} is a member by the configuration: drain it, or take it out of \`members\`.`;
      return { refused: 'command-target', field: workerField.name, text };
    }
    const workers = reports(found.found, now);
    for (const { pool, member } of found.found) house.steering.eject(pool, member);
    return { done: { workers, text: `Ejected: ${workers.length}.` } };
  },
};

/** What can be done about workers. */
export const workerCommands: readonly Command[] = [list, show, drain, suspend, resume, setWeight, eject];

/** Changes the order about each worker that was named: all of them or none. */
function order(house: CommandHouse, input: Input, now: number, change: (before: Order) => Order): CommandEnd {
  const found = findWorkers(house, input);
  if ('missing' in found) return found.missing;
  const given: Place[] = [];
  for (const place of found.found) {
    const { pool, member } = place;
    if (!pool.orders.set(member.jid, change(member.order ?? nothing))) return undo(given);
    given.push(place);
  }
  for (const { pool, member } of given) house.steering.obey(pool, member, now);
  return { done: { workers: reports(given, now) } };
}

const nothing: Order = { held: undefined, weight: undefined };

/** What was ordered before one order found no room is taken back. */
function undo(given: readonly Place[]): CommandEnd {
  for (const { pool, member } of given) pool.orders.set(member.jid, member.order ?? nothing);
  return { refused: 'command-busy', text: 'There are orders for as many workers of this pool as may be. Resume some.' };
}

/** Takes back what was ordered about a worker that is not here. */
function resumeAbsent(house: CommandHouse, input: Input): CommandEnd | undefined {
  const pools = findPools(house, input);
  if ('missing' in pools) return undefined;
  const jid = preparedName(input.of(workerField));
  const ordered = pools.found.filter(
    (pool) => pool.orders.get(jid) !== undefined && pool.roster.get(jid) === undefined,
  );
  for (const pool of ordered) pool.orders.set(jid, nothing);
  const names = ordered.map((pool) => pool.settings.name).join(', ');
  return ordered.length === 0
    ? undefined
    : { done: { workers: [], text: `${jid} is not here; taken back in ${names}.` } };
}

function reports(places: readonly Place[], now: number) {
  return places.map((place) => workerReport(place, now));
}
