import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { orders, type Picture, readPicture, topLines } from '../../../src/app/operate/top-view.ts';

const at = '2026-11-21T12:00:00.000Z';
const later = '2026-11-21T12:00:02.000Z';
const frame = { width: 140, height: 20 };

function pool(name: string, more: Partial<Picture['pools'][number]> = {}): Picture['pools'][number] {
  return {
    pool: name,
    algorithm: 'roundrobin',
    workers: 3,
    available: 2,
    inFlight: 1,
    waiting: 0,
    counts: { received: 100, delivered: 90, refused: 10 },
    queue: null,
    stalled: false,
    ...more,
  };
}

function picture(time: string, ...pools: Picture['pools']): Picture {
  const router = {
    domain: 'pools.example',
    version: '1.2.3',
    started: '2026-11-21T09:00:00.000Z',
    link: { up: true, since: at },
    ready: true,
    reasons: [],
    memory: { rss: 3 * 2 ** 20 },
    loopDelay: 1.25,
  };
  return { at: time, router, pools };
}

describe('the live view', () => {
  it('shows the router, and a line for each pool with what came since the picture before', () => {
    const before = picture(at, pool('jobs'));
    const counts = { received: 300, delivered: 100, refused: 10 };
    deepEqual(topLines(picture(later, pool('jobs', { counts })), before, 'pool', frame), [
      'pools.example  1.2.3  up 3h  link up  ready',
      'in 100/s  out 5.0/s  refused 0/s  memory 3.0 MiB  event loop 1.3 ms',
      '',
      'POOL  ALGORITHM   WORKERS  IN/S  OUT/S  REFUSED/S  IN FLIGHT  DEPTH  OLDEST  DEAD  STATE',
      'jobs  roundrobin  2/3      100   5.0    0          1          0      -       0     ok',
    ]);
  });

  it('tells no rate of which it knows nothing: of the first picture, of a new pool, after a restart', () => {
    const first = topLines(picture(at, pool('jobs')), undefined, 'pool', frame);
    match(first[1] ?? '', /^in -\/s {2}out -\/s/);
    const restarted = pool('jobs', { counts: { received: 1, delivered: 1, refused: 0 } });
    match(
      topLines(picture(later, restarted, pool('new')), picture(at, pool('jobs')), 'pool', frame)[4] ?? '',
      / - +- +- /,
    );
  });

  it('says why a pool stands, and that the router is not ready', () => {
    const queue = {
      ready: 4,
      leased: 0,
      dead: 2,
      oldest: '2026-11-21T11:59:00.000Z',
      stall: 'no-worker',
      why: 'Nobody works here.',
    };
    const now = picture(at, pool('jobs', { queue, stalled: true, available: 0 }), pool('none', { available: 0 }));
    const { router } = now;
    ok(router);
    const unwell = { ...router, ready: false, link: { up: false, since: null }, reasons: [{ text: 'No\u001b link.' }] };
    const lines = topLines({ ...now, router: unwell }, undefined, 'pool', frame);
    match(lines[0] ?? '', /link DOWN {2}NOT READY: No\\u\{1b\} link\.$/);
    match(lines[4] ?? '', /^jobs .* 4 +1m +2 +Nobody works here\.$/);
    match(lines[5] ?? '', /^none .* no worker$/);
  });

  it('tells a narrow terminal what matters most', () => {
    const queue = {
      ready: 4,
      leased: 0,
      dead: 2,
      oldest: at,
      stall: 'no-worker',
      why: 'Nobody works here, and nobody will.',
    };
    const now = picture(later, pool('jobs', { queue, stalled: true, available: 0 }), pool('mail'));
    const lines = topLines(now, undefined, 'pool', { width: 40, height: 20 });
    deepEqual(lines, [
      'pools.example  1.2.3  up 3h  link up',
      'ready',
      'in -/s  out -/s  refused -/s',
      'memory 3.0 MiB  event loop 1.3 ms',
      '',
      'POOL  WORKERS  IN/S  DEPTH  STATE',
      'jobs  0/3      -     4      no-worker',
      'mail  2/3      -     0      ok',
    ]);
  });

  it('fits its frame, and says how many pools it does not show', () => {
    const many = Array.from({ length: 50 }, (_, n) => pool(`pool-${n}-${'x'.repeat(60)}`));
    for (const [width, height] of [
      [80, 10],
      [20, 6],
      [200, 60],
      [1, 1],
    ] as const) {
      const lines = topLines(picture(at, ...many), undefined, 'pool', { width, height });
      ok(lines.length <= height && lines.every((line) => line.length <= width), `${width} x ${height}`);
    }
    equal(topLines(picture(at, ...many), undefined, 'pool', { width: 80, height: 10 }).at(-1), '... and 45 more pools');
    equal(topLines(picture(at), undefined, 'pool', frame).at(-1), 'There is no pool.');
  });

  it('does not say of one that stands by that there is no pool', () => {
    const { router } = picture(at);
    if (router === null) throw new Error('a picture has a router');
    const now = {
      ...picture(at),
      router: { ...router, instance: { name: 'b', role: 'standby', epoch: null, others: [] } },
    };
    match(topLines(now, undefined, 'pool', frame).at(-1) ?? '', /^This instance stands by: the active one shows/);
  });

  it('warns of another instance that is configured otherwise', () => {
    const { router } = picture(at);
    if (router === null) throw new Error('a picture has a router');
    const others = [
      { name: 'b', differs: ['access.admins', 'pools.night (not in this instance)'] },
      { name: 'c', differs: [] },
    ];
    const now = { ...picture(at), router: { ...router, instance: { name: 'a', role: 'active', epoch: 3, others } } };
    const head = topLines(now, undefined, 'pool', { ...frame, width: 400 })[0] ?? '';
    match(head, /ready {2}WARNING: b is configured otherwise: access\.admins, pools\.night \(not in this instance\)$/);
  });

  it('sorts by each column, pools that are alike by name', () => {
    const queue = { ready: 1, leased: 0, dead: 0, oldest: '2026-11-21T11:00:00.000Z', stall: 'no-worker', why: '' };
    const before = picture(at, pool('b'), pool('a'), pool('c'), pool('d'));
    const now = picture(
      later,
      pool('b', { waiting: 9 }),
      pool('a'),
      pool('c', { queue, workers: 7 }),
      pool('d', { counts: { received: 200, delivered: 0, refused: 0 } }),
    );
    const sorted = orders.map((order) =>
      topLines(now, before, order, frame)
        .slice(4)
        .map((line) => line[0])
        .join(''),
    );
    deepEqual(Object.fromEntries(orders.map((order, index) => [order, sorted[index]])), {
      pool: 'abcd',
      in: 'dabc',
      depth: 'bcad',
      oldest: 'cabd',
      workers: 'cabd',
    });
  });

  it('reads what it knows, and nothing else', () => {
    const now = picture(at, pool('jobs'));
    deepEqual(readPicture(JSON.stringify({ ...now, more: 1 })), now);
    deepEqual([readPicture('{}'), readPicture('nonsense')], [undefined, undefined]);
  });
});
