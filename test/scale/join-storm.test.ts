import { deepEqual, equal } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentBytes } from '../../bench/usage.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { StormServer, type StormStanza } from '../support/servers/storm-server.ts';

const domain = 'pools.example';
const poolCount = 1000;
const workersEach = 10;
const patience = 60_000;

const pools = Array.from({ length: poolCount }, (_, index) => `p${index}`);
const workers = pools.flatMap((pool) =>
  Array.from({ length: workersEach }, (_, index) => ({ pool, jid: `w${index}@${pool}.example/r` })),
);

/** All workers come at once, work, and go at once; how much memory that takes is printed, not judged. */
describe(`${workers.length} workers in ${poolCount} pools`, function () {
  this.timeout(2 * patience);
  let server: StormServer;
  let router: RouterProcess;
  const figures: string[] = [];
  const note = (when: string): void => {
    const bytes = router.pid === undefined ? undefined : residentBytes(router.pid);
    if (bytes !== undefined) figures.push(`${when} ${Math.round(bytes / 1e6)} MB`);
  };

  before(async () => {
    server = await StormServer.start(domain, 's3cret');
    router = prepareRouter({
      componentPort: server.port,
      domain,
      secret: 's3cret',
      pools: Object.fromEntries(pools.map((pool) => [pool, { workers: ['*'], senders: ['sensor@far.example'] }])),
      config: { log: { level: 'info', format: 'json' } },
    });
    await router.start();
    note('before');
  });

  after(async () => {
    await router?.remove();
    server?.stop();
    process.stdout.write(`      resident memory of the router: ${figures.join(', ')}\n`);
  });

  /** Sends, and resolves once as many stanzas have come as `wanted` says. */
  async function answersTo(
    stanzas: readonly string[],
    matches: (stanza: StormStanza) => boolean,
    wanted: number,
  ): Promise<StormStanza[]> {
    const got: StormStanza[] = [];
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${got.length} of ${wanted} came`)), patience);
      server.take = (stanza) => {
        if (!matches(stanza)) return;
        got.push(stanza);
        if (got.length < wanted) return;
        clearTimeout(timer);
        resolve();
      };
      server.send(stanzas);
    });
    return got;
  }

  const members = (): Promise<number> => router.metric('switchyard_pool_members');
  const messages = (name: string, each: number): string[] =>
    Array.from({ length: each }, (_, turn) =>
      pools.map(
        (pool) =>
          `<message from='sensor@far.example/r' to='${pool}@${domain}' id='${name}${turn}'><body>x</body></message>`,
      ),
    ).flat();

  it('all join, and each hears it from its pool', async () => {
    const joins = workers.map(({ pool, jid }) => `<presence from='${jid}' to='${pool}@${domain}'/>`);
    const answers = await answersTo(joins, ({ name, type }) => name === 'presence' && type === undefined, joins.length);
    equal(new Set(answers.map(({ from, to }) => `${from} ${to}`)).size, joins.length);
    equal(await members(), workers.length);
    note('joined');
  });

  it('each gets one of as many messages', async () => {
    const work = messages('m', workersEach);
    const got = await answersTo(work, ({ name }) => name === 'message', work.length);
    deepEqual(new Set(got.map(({ to }) => to)), new Set(workers.map(({ jid }) => jid)));
    note('after work');
  });

  it('all leave, and the next messages come back', async () => {
    const leave = workers.map(({ pool, jid }) => `<presence from='${jid}' to='${pool}@${domain}' type='unavailable'/>`);
    const got = await answersTo(
      [...leave, ...messages('late', 1)],
      ({ name, type }) => name === 'message' && type === 'error',
      poolCount,
    );
    equal(new Set(got.map(({ from }) => from)).size, poolCount);
    equal(await members(), 0);
    note('all gone');
  });

  it('flapping for a while leaves nobody in and nobody out by mistake', async () => {
    const [{ pool, jid } = { pool: 'p0', jid: 'w0@p0.example/r' }] = workers;
    const flaps = Array.from(
      { length: 1000 },
      (_, turn) => `<presence from='${jid}' to='${pool}@${domain}'${turn % 2 === 0 ? '' : " type='unavailable'"}/>`,
    );
    const alive = `<presence from='${jid}' to='${pool}@${domain}'/>`;
    const work = `<message from='sensor@far.example/r' to='${pool}@${domain}' id='flap'><body>x</body></message>`;
    const [got] = await answersTo([...flaps, alive, work], ({ id }) => id === 'flap', 1);
    equal(got?.to, jid);
    equal(await members(), 1);
  });

  it('every stanza had one outcome', async () => {
    // Pings of new members are still on their way; a moment later nothing is.
    await sleep(100);
    equal(await router.balance(), 0);
    const by = (outcome: string): Promise<number> => router.metric('switchyard_stanza_outcomes_total', { outcome });
    deepEqual(await Promise.all(['forwarded', 'bounced', 'dropped'].map(by)), [workers.length + 1, poolCount, 0]);
  });
});
