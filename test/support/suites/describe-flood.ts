import { ok } from 'node:assert/strict';
import { memoryShares } from '../../../src/core/memory/memory-shares.ts';
import { poolSettings, serviceSettings } from '../../router/house.ts';
import { Flood, heapBytes } from '../models/flood.ts';
import { domain, hostileRound, opening, roundsFor } from '../models/hostile-flow.ts';

const mebibyte = 1024 * 1024;
const memory = 4 * mebibyte;
/** What is held whatever the limit: tables of fixed size, such as prepared addresses. */
const fixed = 8 * mebibyte;
const roundsAtOnce = 40;

function everyKind() {
  const workers = ['*@work.example', '*@far.work', '*@crowd.example'];
  const rate = { count: 50, period: 1_000, burst: 50 };
  const pools = [
    poolSettings({ workers }),
    poolSettings({ name: 'both', workers, join: 'both', algorithm: 'leastbusy' }),
    poolSettings({ name: 'masked', workers, identity: 'alias' }),
    poolSettings({ name: 'local', workers, proxy: 'localpart', algorithm: 'mostactive' }),
    poolSettings({ name: 'rated', workers, rate: { perSender: rate, perDomain: rate, perWorker: rate } }),
    poolSettings({
      name: 'sticky',
      workers,
      algorithm: 'sticky',
      stickyKey: { by: 'element', namespace: 'urn:example:job', name: 'job', attribute: 'key' },
    }),
  ];
  return serviceSettings(pools, { domain, memory });
}

/** So many stanzas of every hostile kind, none like another, through codec and core on a small budget. */
export function describeFlood(stanzas: number): void {
  it(`holds no more than its limit after ${stanzas} stanzas, none like another`, function () {
    this.timeout(600_000);
    const flood = new Flood(everyKind());
    flood.read(opening());
    flood.pass(1_000);
    const before = heapBytes();
    const shares = memoryShares(memory);
    let resident = 0;
    let most = 0;
    const rounds = roundsFor(stanzas);
    for (let n = 0; n < rounds; n += 1) {
      flood.read(hostileRound(n));
      if (n % roundsAtOnce !== roundsAtOnce - 1) continue;
      flood.pass(200);
      const { held } = flood.router;
      ok(held.memory <= shares.waiting, `${held.memory} bytes wait`);
      ok(held.rings <= shares.rings, `${held.rings} bytes of recent forwards`);
      ok(held.aliases <= shares.aliases, `${held.aliases} bytes of aliases`);
      const { rss } = process.memoryUsage();
      most = Math.max(most, rss);
      // Once everything has been met, and the collector has taken what room it likes.
      if (n < rounds / 4) resident = Math.max(resident, rss);
    }
    flood.pass(5_000);
    const grown = heapBytes() - before;
    flood.assertAccounted();
    const told = `${(grown / mebibyte).toFixed(1)} MB more on the heap, ${((most - resident) / mebibyte).toFixed(0)} MB more resident than after a quarter`;
    process.stdout.write(`      ${told}\n`);
    ok(grown < memory + fixed, told);
    ok(most - resident < 64 * mebibyte, told);
    // Else most of it was refused by one rule, and shows nothing.
    const outcomes = new Set([...flood.out.outcomes.keys()].map((name) => name.split(' ', 1).join()));
    for (const kind of ['answered', 'bounced', 'consumed', 'dropped', 'forwarded', 'relayed']) {
      ok(outcomes.has(kind), `nothing was ${kind}`);
    }
  });
}
