import { formatDestination } from '../transfer/destination.ts';
import type { RunPlan } from '../transfer/run.ts';
import { reportOf, summaryOf } from '../transfer/run-report.ts';
import type { Session } from '../transfer/transfers.ts';
import type { Command, CommandEnd, CommandHouse, Input, View } from './command.ts';
import { flag, optionalServer, optionalText, requiredServer, requiredText, whole } from './field.ts';
import { findPool } from './targets.ts';

const pool = optionalText({ name: 'pool', label: 'Pool', help: 'The workers of this pool.' });
const host = optionalServer({
  name: 'host',
  label: 'Host or domain',
  help: 'The workers on this server, as far as that is known, and all whose accounts are of this domain.',
});
const all = flag({ name: 'all', label: 'All workers', help: 'Every worker of every pool.' });
const to = optionalServer({
  name: 'to',
  label: 'To',
  help: 'The server to connect to, host or host:port. Left out, workers simply connect again.',
});
const batch = whole({
  name: 'batch',
  label: 'Batch',
  help: 'How many workers are under way at once.',
  min: 1,
  max: 1_000,
  fallback: 1,
});
const pace = whole({
  name: 'pace',
  label: 'Pace',
  help: 'Seconds between two batches.',
  min: 0,
  max: 3_600,
  fallback: 1,
});
const maxLost = whole({
  name: 'maxLost',
  label: 'Most lost',
  help: 'How many workers may fail to come back before no more are moved.',
  min: 0,
  max: 100_000,
  fallback: 0,
});
const from = requiredServer({
  name: 'from',
  label: 'From',
  help: 'The server to move workers off, host or host:port.',
});
const goal = requiredServer({ name: 'to', label: 'To', help: 'The server to move them to, host or host:port.' });
const percent = whole({
  name: 'percent',
  label: 'Percent',
  help: 'How many of every hundred workers on the first server are moved.',
  min: 1,
  max: 100,
});
const skip = whole({
  name: 'skip',
  label: 'Skip',
  help: 'How many workers at the beginning of the run are left out.',
  min: 0,
  max: 1_000_000,
  fallback: 0,
});
const id = requiredText({ name: 'id', label: 'Run', help: 'Which run of transfers: the id it was started with.' });

const runView: View = {
  rows: 'workers',
  columns: [
    { key: 'worker', label: 'Worker' },
    { key: 'stage', label: 'Stage' },
    { key: 'result', label: 'Result' },
    { key: 'reason', label: 'Reason' },
  ],
};
const runsView: View = {
  rows: 'runs',
  columns: [
    { key: 'id', label: 'Run' },
    { key: 'state', label: 'State' },
    { key: 'waiting', label: 'Waiting', kind: 'number' },
    { key: 'underWay', label: 'Under way', kind: 'number' },
    { key: 'about', label: 'About' },
  ],
};

const maintenance: Command = {
  name: 'transfers.maintenance',
  title: 'Move workers away for maintenance',
  help: 'Drains workers in batches, has them connect elsewhere, waits for each to come back, and tells who did not follow.',
  role: 'admin',
  fields: [pool, host, all, to, batch, pace, maxLost],
  view: runView,
  effect: (house, input, now) => {
    const [poolName, server] = [input.of(pool), input.of(host)];
    if ([poolName !== undefined, server !== undefined, input.of(all)].filter(Boolean).length !== 1) {
      return { refused: 'command-input', text: 'Give exactly one of pool, host and all.' };
    }
    const found = poolName === undefined ? undefined : findPool(house, poolName);
    if (found !== undefined && 'missing' in found) return found.missing;
    const known = found?.found;
    const { transfers } = house;
    let chosen = transfers.sessions(known === undefined ? undefined : [known]);
    if (server !== undefined) chosen = transfers.ofHost(server);
    const whom = known === undefined ? server && formatDestination(server) : `pool ${known.settings.name}`;
    return start(house, input, 'maintenance', chosen, `maintenance of ${whom ?? 'all workers'}`, now);
  },
};

const rebalance: Command = {
  name: 'transfers.rebalance',
  title: 'Move a share of the workers to another server',
  help: 'Moves so many percent of the workers on one server to another. Those that are least busy go first; for each that does not follow another is tried.',
  role: 'admin',
  fields: [from, goal, percent, batch, pace, maxLost],
  view: runView,
  effect: (house, input, now) => {
    const source = input.of(from);
    const share = input.of(percent);
    const chosen = [...house.transfers.on(source)].sort((a, b) => inFlight(a, now) - inFlight(b, now));
    const quota = Math.ceil((chosen.length * share) / 100);
    const about = `${share} percent of the workers on ${formatDestination(source)}`;
    return start(house, input, 'rebalance', chosen, about, now, quota);
  },
};

const list: Command = {
  name: 'transfers.list',
  title: 'List the runs of transfers',
  help: 'Every run that is remembered, the newest first; the last is that of the rules in the configuration.',
  role: 'admin',
  reads: true,
  fields: [],
  view: runsView,
  effect: ({ transfers }) => ({ done: { runs: transfers.runs.map(summaryOf) } }),
};

const show: Command = {
  name: 'transfers.show',
  title: 'Show a run of transfers',
  help: 'What became of each worker, in the order in which they were moved.',
  role: 'admin',
  reads: true,
  fields: [id, skip],
  view: runView,
  effect: ({ transfers }, input) => {
    const run = transfers.run(input.of(id));
    return run === undefined ? { refused: 'transfer-unknown' } : { done: reportOf(run, input.of(skip)) };
  },
};

const cancel: Command = {
  name: 'transfers.cancel',
  title: 'Cancel a run of transfers',
  help: 'Moves nobody more. Who was told already is followed to his end.',
  role: 'admin',
  fields: [id],
  view: runView,
  effect: ({ transfers }, input, now) => {
    const run = transfers.run(input.of(id));
    if (run === undefined) return { refused: 'transfer-unknown' };
    if (run.plan.scenario === 'rules') {
      return { refused: 'command-input', field: id.name, text: 'Rules are taken back in the configuration.' };
    }
    transfers.cancel(run, now);
    return { done: reportOf(run) };
  },
};

/** What can be done about connection transfers (XEP-0051). */
export const transferCommands: readonly Command[] = [maintenance, rebalance, list, show, cancel];

function start(
  { transfers }: CommandHouse,
  input: Input,
  scenario: RunPlan['scenario'],
  sessions: readonly Session[],
  about: string,
  now: number,
  quota = Number.POSITIVE_INFINITY,
): CommandEnd {
  const destination = input.of(to);
  const plan: RunPlan = {
    scenario,
    about: `${about}, to ${destination === undefined ? 'connect again' : formatDestination(destination)}`,
    batch: input.of(batch),
    sliding: false,
    pace: input.of(pace) * 1_000,
    maxLost: input.of(maxLost),
    quota,
    remember: Number.POSITIVE_INFINITY,
  };
  const run = transfers.start(plan, sessions, destination, now);
  return typeof run === 'string' ? { refused: run } : { done: reportOf(run) };
}

function inFlight({ members }: Session, now: number): number {
  return members.reduce((sum, member) => sum + member.inFlight(now), 0);
}
