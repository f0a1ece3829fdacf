import type { Command } from './command.ts';
import { overviewOf } from './overview.ts';

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
      { key: 'workers', label: 'Workers' },
      { key: 'available', label: 'Available' },
      { key: 'inFlight', label: 'In flight' },
      { key: 'waiting', label: 'Waiting' },
      { key: 'counts', label: 'Since the start' },
      { key: 'stalled', label: 'Stalled' },
    ],
  },
  effect: (house, _input, now) => ({ done: overviewOf(house, now) }),
};

/** What can be done about the service as a whole. */
export const serviceCommands: readonly Command[] = [overview];
