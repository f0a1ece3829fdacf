import assert from 'node:assert/strict';
import type { Inbound } from '../../src/core/envelope.ts';
import type { Link } from '../../src/xmpp/link/link.ts';
import { Harness } from './harness.ts';

const domain = 'pools.example.org';

function pingFrom(from: string, id: string): Inbound {
  return { kind: 'iq-request', type: 'get', from, to: domain, id, request: { name: 'ping' }, payload: '' };
}

function answerTo(id: string, condition?: string): Inbound {
  const error = condition === undefined ? undefined : ({ condition, type: 'cancel' } as const);
  return { kind: 'iq-response', from: domain, to: domain, id, error };
}

describe('link: self-test', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.start();
  });
  afterEach(async () => {
    await harness.stop();
  });

  async function begin() {
    const made = harness.link({ keepalive: 1_000_000, pingTimeout: 10_000 });
    const connection = await harness.server.attach();
    await made.sink.until(() => made.sink.onlines === 1);
    const ids = async (count: number): Promise<string[]> => {
      const text = await connection.expect(new RegExp(`(?:<iq .*?</iq>){${count}}`));
      return [...text.matchAll(/id='([^']+)'/g)].map((match) => match[1] ?? '');
    };
    return { ...made, connection, ids };
  }

  function takeAll(link: Link, ids: readonly string[]): void {
    for (const id of ids) assert.equal(link.health.take(pingFrom(domain, id)), true);
  }

  it('sends 20 pings with fresh ids after each attach, and is good when all come back', async () => {
    const { link, sink, clock, connection, ids } = await begin();
    assert.equal(link.health.state, 'testing');
    const first = await ids(20);
    assert.equal(new Set(first).size, 20);
    takeAll(link, first.slice(0, 19));
    assert.equal(link.health.state, 'testing');
    takeAll(link, first.slice(19));
    assert.equal(link.health.state, 'good');

    connection.reset();
    await sink.problem();
    assert.equal(link.health.state, 'offline');
    clock.advanceToNext();
    const second = await harness.server.attach();
    const text = await second.expect(/(?:<iq .*?<\/iq>){20}/);
    for (const id of first) assert(!text.includes(`'${id}'`));
    assert.deepEqual(
      sink.healths.map(({ state }) => state),
      ['testing', 'good', 'offline', 'testing'],
    );
  });

  it('is suspect when one does not come back in time, keeps the link, and tests with 20 until all is well', async () => {
    const { link, sink, clock, ids } = await begin();
    takeAll(link, (await ids(20)).slice(1));
    clock.advance(9_999);
    assert.equal(link.health.state, 'testing');
    clock.advance(1);
    assert.equal(link.health.state, 'suspect');
    assert.match(link.health.reason ?? '', /another or dead connection holds this domain: 19 of 20/);
    assert.equal(link.state, 'online');
    assert.deepEqual(sink.problems, []);

    clock.advance(5_000);
    const again = await ids(20);
    takeAll(link, again.slice(1));
    assert.equal(link.health.state, 'suspect');
    takeAll(link, again.slice(0, 1));
    assert.equal(link.health.state, 'good');
    assert.equal(link.health.reason, undefined);
  });

  it('tests ever less often while it fails, and soon again after a failure that follows a success', async () => {
    const { link, clock, ids } = await begin();
    const waits: number[] = [];
    let sent = await ids(20);
    for (let n = 0; n < 6; n++) {
      takeAll(link, sent.slice(1));
      clock.advance(10_000);
      assert.equal(link.health.state, 'suspect');
      const from = clock.now();
      clock.advanceToNext();
      waits.push(clock.now() - from);
      sent = await ids(20);
    }
    assert.deepEqual(waits, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    takeAll(link, sent);
    clock.advance(70_000);
    assert.equal(link.health.state, 'good');
    takeAll(link, (await ids(4)).slice(1));
    clock.advance(10_000);
    assert.equal(link.health.state, 'suspect');
    clock.advance(5_000);
    takeAll(link, await ids(20));
    assert.equal(link.health.state, 'good');
  });

  it('is still suspect when the last ping of a round comes after its end', async () => {
    const { link, clock, ids } = await begin();
    const [late = '', ...rest] = await ids(20);
    takeAll(link, rest);
    clock.advance(10_000);
    takeAll(link, [late]);
    assert.equal(link.health.state, 'suspect');
  });

  it('sends 4 pings every minute while it is good', async () => {
    const { link, clock, ids } = await begin();
    takeAll(link, await ids(20));
    clock.advance(10_000);
    for (let n = 0; n < 3; n++) {
      clock.advance(60_000);
      takeAll(link, await ids(4));
      clock.advance(10_000);
      assert.equal(link.health.state, 'good');
    }
    clock.advance(60_000);
    takeAll(link, (await ids(4)).slice(0, 3));
    clock.advance(10_000);
    assert.equal(link.health.state, 'suspect');
  });

  it('is good on a server that bounces every ping, and suspect when some come back and some bounce', async () => {
    const { link, clock, ids } = await begin();
    for (const id of await ids(20)) assert(link.health.take(answerTo(id, 'service-unavailable')));
    assert.equal(link.health.state, 'good');
    clock.advance(70_000);
    const [first, ...rest] = await ids(4);
    assert(first !== undefined && link.health.take(answerTo(first, 'service-unavailable')));
    takeAll(link, rest);
    clock.advance(10_000);
    assert.equal(link.health.state, 'suspect');
  });

  it('is suspect when another component answers our pings, or pings itself', async () => {
    const { link, clock, ids } = await begin();
    for (const id of await ids(20)) assert(link.health.take(answerTo(id)));
    assert.equal(link.health.state, 'suspect');
    clock.advance(15_000);
    takeAll(link, await ids(20));
    assert.equal(link.health.take(pingFrom(domain, 'theirs')), false);
    clock.advance(10_000);
    assert.equal(link.health.state, 'suspect');
    clock.advance(10_000);
    takeAll(link, await ids(20));
    clock.advance(10_000);
    assert.equal(link.health.state, 'good');
  });

  it('has caught up when its ping comes back, whatever came before, and when the link is lost', async () => {
    const { link, connection, ids } = await begin();
    takeAll(link, await ids(20));
    const order: string[] = [];
    const caughtUp = link.caughtUp().then(() => order.push('caught up'));
    const id = (await ids(1)).at(-1) ?? '';
    await new Promise(setImmediate);
    order.push('ping back');
    takeAll(link, [id]);
    await caughtUp;
    assert.deepEqual(order, ['ping back', 'caught up']);
    const lost = link.caughtUp();
    connection.reset();
    await lost;
    await link.caughtUp();
  });

  it('takes a late or repeated ping of its own, and nothing of others', async () => {
    const { link, clock, ids } = await begin();
    const [id = '', ...rest] = await ids(20);
    takeAll(link, rest);
    clock.advance(10_000);
    takeAll(link, [id, id, ...rest]);
    assert.equal(link.health.state, 'suspect');

    assert.equal(link.health.take(pingFrom('user@example.org/r', id)), false);
    assert.equal(link.health.take({ ...pingFrom(domain, id), to: `jobs@${domain}` }), false);
    assert.equal(link.health.take(answerTo('router-1')), false);
    assert.equal(
      link.health.take({ kind: 'iq-response', from: domain, to: domain, id: undefined, error: undefined }),
      false,
    );
    const version: Inbound = {
      kind: 'iq-request',
      type: 'get',
      from: domain,
      to: domain,
      id,
      request: { name: 'version' },
      payload: '',
    };
    assert.equal(link.health.take(version), false);
  });
});
