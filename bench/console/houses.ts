import type { Service } from '../mock/protocol.ts';
import { poolName, service, workerHost } from '../scene.ts';

/** A house that consoles look at. */
export interface House {
  /** For the tables. */
  readonly title: string;
  readonly service: Service;
  /** The names of its pools besides the one that works. */
  readonly others: readonly string[];
  /** What each console looks at besides the overview: a pool's page. */
  readonly pages: readonly string[];
}

const { domain } = service;

function workersOf(pool: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${pool}-w${index + 1}@${workerHost}/r`);
}

const others = Array.from({ length: 199 }, (_, index) => `pool${index + 1}`);

/** As small as the other benches have it, and as large as the console is made for. */
export const houses: readonly House[] = [
  { title: '1 pool, 8 workers', service, others: [], pages: Array.from({ length: 5 }, () => poolName) },
  {
    title: '200 pools, 5 000 workers',
    service: {
      ...service,
      // All of them work: the page of their pool differs at every look.
      workers: workersOf(poolName, 1_000),
      bystanders: others.flatMap((pool, index) =>
        workersOf(pool, index < 20 ? 21 : 20).map((worker) => ({ worker, pool: `${pool}@${domain}` })),
      ),
    },
    others,
    pages: [poolName, poolName, poolName, 'pool1', 'pool2'],
  },
];
