import { announce } from './announce.ts';
import type { Command } from './command.ts';
import { overviewOf, routerText } from './overview.ts';
import { anyPoolField, findPools } from './targets.ts';

const overview: Command = {
  name: 'service.overview',
  title: 'Show how the service is doing',
  help: 'The router, and every pool with its workers, what it was sent, and what waits.',
  role: 'owner',
  reads: true,
  fields: [],
  view: {
    rows: 'pools',
    columns: [
      { key: 'pool', label: 'Pool' },
      { key: 'algorithm', label: 'Algorithm' },
      { key: 'workers', label: 'Workers', kind: 'number' },
      { key: 'available', label: 'Available', kind: 'number' },
      { key: 'inFlight', label: 'In flight', kind: 'number' },
      { key: 'waiting', label: 'Waiting', kind: 'number' },
      { key: 'counts', label: 'Since the start', kind: 'object' },
      { key: 'stalled', label: 'Stalled', kind: 'flag' },
    ],
  },
  effect: (house, _input, now) => {
    const overview = overviewOf(house, now);
    return { done: { ...overview, text: routerText(overview) } };
  },
};

const statistics: Command = {
  name: 'service.statistics',
  title: 'Show how stanzas ended',
  help: 'How many stanzas came to which end since the start, by pool and reason; what never happened is left out. The reasons are explained in errors.md and metrics.md.',
  role: 'admin',
  reads: true,
  fields: [anyPoolField],
  view: {
    rows: 'outcomes',
    columns: [
      { key: 'pool', label: 'Pool' },
      { key: 'outcome', label: 'Outcome' },
      { key: 'reason', label: 'Reason' },
      { key: 'count', label: 'Count', kind: 'number' },
    ],
  },
  effect: (house, input) => {
    const pools = findPools(house, input);
    if ('missing' in pools) return pools.missing;
    const [only] = input.of(anyPoolField) === undefined ? [] : pools.found;
    const { outcomes, started } = house.desk.status();
    const told = outcomes.filter(({ pool, count }) => {
      return count > 0 && (only === undefined || pool === only.settings.name);
    });
    const total = told.reduce((sum, { count }) => sum + count, 0);
    const since = new Date(started).toISOString();
    return { done: { since, total, outcomes: told, text: `Stanzas since ${since}: ${total}.` } };
  },
};

const reload: Command = {
  name: 'service.reload',
  title: 'Read the configuration again',
  help: 'As SIGHUP does, all or nothing: it is told what has changed, or each reason why nothing has.',
  role: 'admin',
  fields: [],
  view: {
    rows: 'changes',
    // The text begins with its place where it has one.
    columns: [{ key: 'text', label: 'Change' }],
  },
  effect: ({ desk }) => ({ later: desk.reload() }),
};

const stepDown: Command = {
  name: 'service.step-down',
  title: 'Let another instance become the active one',
  help: 'Where several instances share a database: the one that stands by takes over in order, and this one stands by. Nothing is lost or given twice by it, in plain pools either; where the server lets only one connection in at a time it may bounce what comes in between.',
  role: 'admin',
  fields: [],
  view: { rows: undefined, columns: [{ key: 'follows', label: 'Follows' }] },
  effect: ({ desk }) => desk.stepDown(),
};

const shutdown: Command = {
  name: 'service.shutdown',
  title: 'Shut the router down',
  help: 'As SIGTERM does: it takes no more work, finishes what it has within drainTimeout, and ends. Whatever started it may start it again.',
  role: 'admin',
  destroys: 'The router ends, and nobody is served until it is started again.',
  fields: [],
  view: { rows: undefined, columns: [{ key: 'ends', label: 'Ends', kind: 'flag' }] },
  effect: ({ desk }) => {
    desk.shutdown();
    return { done: { ends: true, text: 'The router takes no more work, finishes what it has, and ends.' } };
  },
};

/** What can be done about the service as a whole. */
export const serviceCommands: readonly Command[] = [overview, statistics, announce, reload, stepDown, shutdown];
