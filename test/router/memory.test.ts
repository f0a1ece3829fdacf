import { deepEqual, ok } from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { PoolSettings } from '../../src/core/settings.ts';
import { House, message, poolSettings, presence, request, serviceSettings } from './house.ts';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** Bytes of the heap and of buffers, once nothing is left to collect. */
function heap(): number {
  if (typeof collect === 'function') collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const mebibyte = 1024 * 1024;
const limit = 4 * mebibyte;

class Flooded extends House {
  readonly #before: number;

  constructor(changes: Partial<PoolSettings> = {}) {
    super(
      serviceSettings([poolSettings({ workers: ['**@work.example', '*@crowd.example'], ...changes })], {
        memory: limit,
      }),
    );
    this.router.linkUp(this.now);
    this.join('w@work.example/1');
    this.#before = heap();
  }

  forget(): void {
    this.out.written.length = 0;
    this.out.commits.length = 0;
    this.out.asked.length = 0;
    this.out.outcomes.length = 0;
    this.out.notices.length = 0;
  }

  flood(count: number, act: (n: number) => void): number {
    for (let n = 0; n < count; n += 1) {
      act(n);
      if (n % 1_000 === 999) {
        this.pass(100);
        this.answerPings();
        this.out.settle();
        this.forget();
      }
    }
    this.forget();
    return heap() - this.#before;
  }
}

type Act = (house: Flooded, n: number) => void;

const long = 'x'.repeat(480);
const rate = { count: 1_000, period: 60_000, burst: 1_000 };

/** What peers can do to make a router hold something, each time under another name. */
const acts: Readonly<Record<string, Act>> = {
  'senders who write once': (house, n) => house.on(message({ from: `s${n}@far.example/r` })),
  'senders of long names': (house, n) => house.on(message({ from: `s${n}${long}@far.example/${long}` })),
  'senders of other domains each': (house, n) => house.on(message({ from: `s@far${n}.example/r`, size: 5_000 })),
  'workers who join': (house, n) => house.on(presence(`w${n}@crowd.example/r`)),
  'workers who come and go': (house, n) => {
    const from = `w${n}@crowd.example/r`;
    house.on(presence(from));
    house.on(presence(from, { type: 'unavailable' }));
  },
  subscribers: (house, n) => house.on(presence(`s${n}@far${n}.example`, { type: 'subscribe' })),
  requests: (house, n) => house.on(request({ name: 'ping' }, { from: `s${n}@far.example/r` })),
};

describe('router: memory', function () {
  // Tens of thousands of stanzas each, beside other suites.
  this.timeout(120_000);

  for (const [name, act] of Object.entries(acts)) {
    for (const identity of ['real', 'alias'] as const) {
      if (identity === 'alias' && !name.startsWith('senders')) continue;
      it(`stays within its limit: ${name}${identity === 'alias' ? ', behind aliases' : ''}`, () => {
        const house = new Flooded({ identity, rate: { perSender: rate, perDomain: undefined, perWorker: rate } });
        const grown = house.flood(30_000, (n) => act(house, n));
        ok(grown < limit, `${Math.round(grown / 1024)} KiB`);
      });
    }
  }

  it('stays within its limit when all come at once', () => {
    const house = new Flooded();
    const all = Object.values(acts);
    const grown = house.flood(100_000, (n) => all[n % all.length]?.(house, n));
    ok(grown < limit, `${Math.round(grown / 1024)} KiB`);
  });

  it('refuses workers for whom there is no room, and takes them when others have left', () => {
    const house = new Flooded();
    house.flood(5_000, (n) => house.on(presence(`w${n}@crowd.example/r`)));
    const full = house.router.pools.get('jobs')?.roster.size ?? 0;
    ok(full > 100 && full < 5_000, String(full));
    const late = presence('late@crowd.example/r');
    deepEqual(house.on(late), { kind: 'bounced', reason: 'overloaded' });
    deepEqual(house.on(presence('w0@crowd.example/r', { priority: 1 })), { kind: 'consumed' });
    house.on(presence('w0@crowd.example/r', { type: 'unavailable' }));
    deepEqual(house.on(late), { kind: 'consumed' });
  });

  it('remembers no more of who may use a thousand pools than of who may use a few', () => {
    const access = { workers: ['*@work.example'], senders: ['*@far.example'] };
    const pools = Array.from({ length: 1_000 }, (_, n) => poolSettings({ name: `p${n}`, ...access }));
    const house = new House(serviceSettings(pools));
    const strangers = Array.from({ length: 1_000 }, (_, n) => `sensor${n}@other.example/r`);
    const before = heap();
    for (const pool of house.router.pools.values()) for (const jid of strangers) ok(!pool.visibleTo(jid));
    const grown = heap() - before;
    ok(grown < 16 * mebibyte, `${Math.round(grown / 1024)} KiB`);
  });

  it('refuses messages that wait for whom there is no room', () => {
    const house = new Flooded();
    house.router.linkDown();
    house.router.linkUp(house.now);
    const ends = new Set<string>();
    for (let n = 0; n < 5_000; n += 1) {
      const end = house.on(message({ from: `s${n}@far.example/r` }));
      ends.add(end?.kind === 'bounced' ? end.reason : (end?.kind ?? ''));
    }
    deepEqual([...ends], ['queued', 'overloaded']);
  });
});
