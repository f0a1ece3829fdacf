import { refusal } from './refusal.ts';
import type { Reply } from './reply.ts';
import type { Ask, Place } from './request.ts';

/** The kinds of runs that operators start. */
export const scenarios = ['maintenance', 'rebalance'];

/**
 * The runs of transfers, as resources:
 *
 *     POST /v1/transfers               starts a run: {"scenario": "maintenance", "pool": "jobs", ...}
 *     GET  /v1/transfers               every run in short
 *     GET  /v1/transfers/{id}          one run with its workers; ?skip=100 leaves out the first 100
 *     POST /v1/transfers/{id}/cancel   ends it
 */
export function transferPlace(path: string): Place | undefined {
  const found = /^\/v1\/transfers(?:\/([A-Za-z0-9]{1,32})(\/cancel)?)?$/.exec(path);
  if (found === null) return undefined;
  const [, id, cancel] = found;
  if (id === undefined) {
    return {
      methods: ['GET', 'POST'],
      needs: (method) => (method === 'GET' ? 'read' : 'all'),
      ask: ({ method, object }) =>
        method === 'POST' ? startOf(object) : { command: 'transfers.list', given: {}, done: 200 },
    };
  }
  if (cancel !== undefined) {
    return {
      methods: ['POST'],
      needs: () => 'all',
      ask: () => ({ command: 'transfers.cancel', given: { id }, done: 200 }),
    };
  }
  return {
    methods: ['GET'],
    needs: () => 'read',
    ask: ({ query }) => {
      const skip = new URLSearchParams(query).get('skip');
      return { command: 'transfers.show', given: skip === null ? { id } : { id, skip }, done: 200 };
    },
  };
}

function startOf({ scenario, ...given }: Readonly<Record<string, unknown>>): Ask | Reply {
  if (typeof scenario !== 'string' || !scenarios.includes(scenario)) {
    return refusal({ refused: 'command-input', field: 'scenario', text: `Write ${scenarios.join(' or ')}.` });
  }
  return { command: `transfers.${scenario}`, given, done: 202 };
}
