import { deepEqual, ok } from 'node:assert/strict';
import { Offered } from '../../src/core/instances/offered.ts';
import { Flood, heapBytes } from '../support/models/flood.ts';
import { deliverySettings, poolSettings, serviceSettings } from './house.ts';

const domain = 'pools.example';
const workers = 300;
/** What nobody keeps; a slice of the stanza would. */
const burden = 12_000;

/** The heap after each of many, which V8 does not empty at the first call. */
function settledHeap(): number {
  for (let n = 0; n < 3; n += 1) heapBytes();
  return heapBytes();
}

/** What joins may say of themselves that the router keeps. */
const kept: Readonly<Record<string, (n: number) => string>> = {
  'a version of a client': (n) =>
    `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:client:of-a-kind' ver='QgayPKawpkPSDYmwT/WM94uA${n}='/>`,
  'the server that it is on': (n) => `<x xmlns='urn:x-switchyard:worker:0' server='server${n}.of.a.cluster.example'/>`,
  'a label': (n) => `<x xmlns='urn:x-switchyard:worker:0' label='a-label-of-some-length-${n}'/>`,
  'a wish that makes no sense': (n) => `<x xmlns='urn:x-switchyard:worker:0' weight='none${n}'/>`,
};

describe('router: what is kept of a stanza', () => {
  for (const [name, child] of Object.entries(kept)) {
    it(`does not keep the rest of it in memory: ${name}`, () => {
      const flood = new Flood(serviceSettings([poolSettings({ workers: ['*@crowd.example'] })], { domain }));
      const before = settledHeap();
      for (let n = 0; n < workers; n += 1) {
        const rest = `<z xmlns='urn:z'>${String(n).padEnd(burden, 'x')}</z>`;
        flood.read(`<presence from='c${n}@crowd.example/r' to='jobs@${domain}'>${child(n)}${rest}</presence>`);
      }
      flood.pass(300);
      const each = (settledHeap() - before) / workers;
      flood.assertAccounted();
      ok(flood.router.pools.get('jobs')?.roster.size === workers);
      ok(each < burden / 2, `${Math.round(each)} bytes a worker`);
    });
  }

  for (const [name, works] of [
    ['that a worker has', true],
    ['that waits', false],
  ] as const) {
    it(`does not keep a durable message ${name}, where memory is short`, () => {
      const delivery = deliverySettings({ guarantee: 'at-least-once', ack: 'receipt', capacity: workers });
      const pool = poolSettings({ delivery });
      const flood = new Flood(serviceSettings([pool], { domain, memory: 4 * 1024 * 1024 }));
      if (works) flood.read(`<presence from='w@work.example/1' to='jobs@${domain}'/>`);
      flood.pass(300);
      const before = settledHeap();
      for (let n = 0; n < workers; n += 1) {
        const body = `<body>${String(n).padEnd(burden, 'x')}</body>`;
        const from = `a-sender-of-some-length-${n}@far.example/resource`;
        flood.read(`<message from='${from}' to='jobs@${domain}' id='an-id-of-some-length-${n}'>${body}</message>`);
        if (n % 20 === 0) flood.pass(100);
      }
      flood.pass(300);
      const each = (settledHeap() - before) / workers;
      flood.assertAccounted();
      const queue = flood.router.deliveries.queues.get('jobs');
      deepEqual([queue?.leased, queue?.ready.size], works ? [workers, 0] : [0, workers]);
      ok(each < burden / 2, `${Math.round(each)} bytes a message`);
      ok(flood.router.held.memory < 512 * 1024, `${flood.router.held.memory} bytes are held`);
    });
  }

  it('does not keep the rest of an answer in memory: what a client can do', () => {
    const offered = new Offered();
    const before = settledHeap();
    for (let n = 0; n < 200; n += 1) {
      const feature = `urn:example:a-feature-of-some-length:${n}`;
      const answer = `${feature}${'x'.repeat(burden)}`;
      offered.learn(`version ${n}`, [Buffer.from(answer).toString().slice(0, feature.length)]);
    }
    const each = (settledHeap() - before) / 200;
    ok(offered.of('version 199').length === 1);
    ok(each < burden / 2, `${Math.round(each)} bytes a version`);
  });
});
