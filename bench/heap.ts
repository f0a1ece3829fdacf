/** What 10 000 workers take of the heap, in a router with all its tables; the bar is 10 MB. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Router } from '../src/core/router.ts';
import { algorithmNames } from '../src/core/select/table.ts';
import type { AlgorithmName } from '../src/core/settings.ts';
import { capsVersion } from '../src/xmpp/protocols/caps.ts';
import { emptySnapshot, poolSettings, presence, serviceSettings } from '../test/router/house.ts';
import { RecordingOut } from '../test/router/recording-out.ts';

const workers = 10_000;
const bar = 10;

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

function heapMegabytes(): number {
  if (typeof collect === 'function') for (let n = 0; n < 3; n += 1) collect();
  return process.memoryUsage().heapUsed / 1e6;
}

/** Megabytes after `workers` joined by presence and answered their pings, beyond those of an empty router. */
function measure(algorithm: AlgorithmName): number {
  const out = new RecordingOut();
  let ids = 0;
  const newId = (): string => `own-id-${++ids}`;
  const settings = serviceSettings([poolSettings({ algorithm })]);
  const router = new Router(settings, emptySnapshot, out, newId, newId, () => undefined, capsVersion);
  const now = 1_800_000_000_000;
  const before = heapMegabytes();
  for (let n = 0; n < workers; n += 1) {
    router.on(presence(`worker-${n}@work.example/resource-${n}`, { to: 'jobs@pools.example' }), now);
    for (const written of out.take()) {
      if (written.call !== 'ping') continue;
      const { from, to, id } = written;
      router.on({ kind: 'iq-response', from: to, to: from, id, error: undefined }, now);
    }
    out.settle();
    out.outcomes.length = 0;
    out.notices.length = 0;
  }
  const used = heapMegabytes() - before;
  const size = router.pools.get('jobs')?.roster.size;
  if (size !== workers) throw new Error(`${size} workers joined`);
  return used;
}

measure('roundrobin');
console.log(`Heap of ${workers} workers in one pool, at most ${bar} MB wanted\n`);
console.log('| algorithm | MB |  |\n|---|--:|---|');
for (const algorithm of algorithmNames()) {
  const used = measure(algorithm);
  console.log(`| ${algorithm} | ${used.toFixed(2)} | ${used <= bar ? 'reached' : 'missed'} |`);
  if (used > bar) process.exitCode = 1;
}
