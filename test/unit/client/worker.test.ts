import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../../client/src/connection.ts';
import { type Element, xml } from '../../../client/src/element.ts';
import { StanzaError } from '../../../client/src/stanza-error.ts';
import { Worker, type WorkerOptions } from '../../../client/src/worker.ts';
import { FakeServer, isMessage, isPresence, result } from './fake-server.ts';

const pool = 'jobs@pools.example.org';
const sensor = `${pool}/sensor@example.net/r`;

const job = (body: string, more = ''): string =>
  `<message from='${sensor}' to='w@example.org/n1' type='chat' id='m1'><body>${body}</body>${more}</message>`;

describe('Worker of the client library', () => {
  let server: FakeServer;
  let connection: Connection;

  beforeEach(() => {
    server = new FakeServer();
    server.reply = (stanza) => (stanza.getChild('ping', 'urn:xmpp:ping') === undefined ? undefined : result(stanza));
    connection = server.connection();
  });
  afterEach(async () => {
    await connection.stop();
  });

  async function start(options: Partial<WorkerOptions> = {}): Promise<Worker> {
    const worker = new Worker(connection, { pool, handle: ({ body }) => `did: ${body}`, ...options });
    await connection.start();
    return worker;
  }

  const priority = (presence: Element): string | null => presence.getChildText('priority');

  it('joins with priority, weight, capacity, label and capabilities, and takes the account out of the way', async () => {
    await start({ priority: 5, weight: 3, capacity: 2, label: 'gpu-1' });
    equal(priority(await server.wrote(isPresence())), '-1');
    const join = await server.wrote(isPresence(pool));
    equal(priority(join), '5');
    deepEqual(
      { ...join.getChild('x', 'urn:x-switchyard:worker:0')?.attrs },
      { xmlns: 'urn:x-switchyard:worker:0', weight: '3', capacity: '2', label: 'gpu-1' },
    );
    const caps = join.getChild('c', 'http://jabber.org/protocol/caps');
    const node = `${caps?.attrs['node']}#${caps?.attrs['ver']}`;
    const info = await server.ask(
      `<iq type='get' from='${pool}' id='1'><query xmlns='http://jabber.org/protocol/disco#info' node='${node}'/></iq>`,
    );
    match(String(info), /<feature var="urn:xmpp:ping"\/>/);
  });

  it('tells the pool which host it is on, if it knows', async () => {
    connection = server.connection({ service: 'xmpp://node1.example.org:6222' });
    await start();
    const join = await server.wrote(isPresence(pool));
    equal(join.getChild('x', 'urn:x-switchyard:worker:0')?.attrs['server'], 'node1.example.org:6222');
  });

  it('answers to the address that a message came from, in its thread', async () => {
    await start();
    server.deliver(job('21.5', '<thread>t</thread>'));
    const answer = await server.wrote(isMessage(sensor));
    equal(answer.getChildText('body'), 'did: 21.5');
    equal(answer.getChildText('thread'), 't');
    equal(answer.attrs['type'], 'chat');
  });

  it('shows a handler who sent what, and since when it waited', async () => {
    const jobs: unknown[] = [];
    await start({
      handle({ from, sender, id, body, thread, delayedSince }) {
        jobs.push({ from, sender, id, body, thread, delayedSince: delayedSince?.getTime() });
        return undefined;
      },
    });
    server.deliver(
      job(
        'a',
        `<addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom' jid='sensor@example.net/r'/></addresses>
         <delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:01Z'/>`,
      ),
    );
    await server.wrote(() => jobs.length > 0);
    const sender = 'sensor@example.net/r';
    deepEqual(jobs, [{ from: sensor, sender, id: 'm1', body: 'a', thread: undefined, delayedSince: 1000 }]);
  });

  it('reads the sender in the address that stands for him, where that tells', async () => {
    const told: unknown[] = [];
    await start({
      handle({ sender }) {
        told.push(sender);
        return undefined;
      },
    });
    for (const from of [sensor, `${pool}/!key`, 'jobs+key@pools.example.org', `${pool}/example.net`]) {
      server.deliver(`<message from='${from}' type='chat'><body>a</body></message>`);
    }
    await server.wrote(() => told.length === 4);
    deepEqual(told, ['sensor@example.net/r', undefined, undefined, 'example.net']);
  });

  it('takes work from its pool alone, and no signals, errors or messages of the pool itself', async () => {
    await start();
    server.deliver(`<message from='evil@example.net/r' type='chat'><body>a</body></message>`);
    server.deliver(`<message from='jobs@evil.example/x' type='chat'><body>b</body></message>`);
    server.deliver(`<message from='${pool}' type='chat'><body>c</body></message>`);
    server.deliver(`<message from='${sensor}' type='error'><body>d</body></message>`);
    const hop = `<hop xmlns='urn:x-switchyard:pool:0' n='1' via='${pool}'/>`;
    server.deliver(`<message from='${sensor}'><active xmlns='http://jabber.org/protocol/chatstates'/>${hop}</message>`);
    server.deliver(`<message from='jobs+key@pools.example.org' type='chat'><body>e</body></message>`);
    const answer = await server.wrote((stanza) => stanza.name === 'message');
    equal(answer.getChildText('body'), 'did: e');
    deepEqual(
      server.written.filter(({ name }) => name === 'message'),
      [],
    );
  });

  it('says no by the error that a handler throws, and hides any other failure', async () => {
    await start({
      handle({ body }) {
        throw body === 'no' ? new StanzaError('modify', 'not-acceptable', 'too hot') : new Error('secret path');
      },
    });
    server.deliver(job('no'));
    const no = await server.wrote(isMessage(sensor));
    match(no.toString(), /type="error".*id="m1".*type="modify".*not-acceptable.*too hot/);
    server.deliver(job('crash'));
    const crash = await server.wrote(isMessage(sensor));
    match(crash.toString(), /internal-server-error/);
    ok(!crash.toString().includes('secret'));
    match((await server.told('failed')).text, /too hot/);
  });

  it('joins again after a reconnect, and when the pool shows itself', async () => {
    await start();
    await server.wrote(isPresence(pool));
    server.deliver(`<presence from='${pool}'><status>You are n1.</status></presence>`);
    await server.wrote(isPresence(pool));
    match((await server.told('joined')).text, /You are n1\./);
    server.cut();
    await server.wrote(isPresence(pool));
    equal(server.logins.length, 2);
  });

  it('stays out once it has left, whatever happens to the session, until it is told to join', async () => {
    const worker = await start();
    await server.wrote(isPresence());
    await server.wrote(isPresence(pool));
    await worker.leave();
    await server.wrote(isPresence(pool, 'unavailable'));
    server.cut();
    await server.wrote(isPresence());
    await connection.request(pool, xml('ping', { xmlns: 'urn:xmpp:ping' }));
    server.deliver(`<presence from='${pool}'/>`);
    deepEqual(server.written.filter(isPresence(pool)), []);
    await worker.join();
    await server.wrote(isPresence(pool));
  });

  it('says when the pool refuses it, and tries again when the router is only away', async () => {
    await start();
    await server.wrote(isPresence(pool));
    const error = (type: string, condition: string): string =>
      `<presence from='${pool}' type='error'><error type='${type}'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`;
    server.deliver(error('auth', 'forbidden'));
    match((await server.told('refused')).text, /forbidden/);
    server.deliver(error('cancel', 'remote-server-not-found'));
    match((await server.told('refused')).text, /remote-server-not-found/);
    await server.wrote(isPresence(pool));
    server.deliver(error('cancel', 'item-not-found'));
    match((await server.told('refused')).text, /item-not-found/);
    await server.wrote(isPresence(pool));
  });

  it('joins again when nobody answers, and says so, until the pool is heard', async () => {
    await start({ joinTimeout: 20 });
    await server.wrote(isPresence(pool));
    match((await server.told('problem')).text, /jobs@pools\.example\.org has not answered within 0\.02 s; it is asked/);
    await server.wrote(isPresence(pool));
    server.deliver(`<presence from='${pool}'/>`);
    await server.told('joined');
    const told = server.notices.length;
    server.written.length = 0;
    await sleep(60);
    // The pool has shown itself: it was told once more, and not again.
    equal(server.written.filter(isPresence(pool)).length <= 1, true);
    equal(server.notices.length, told);
    server.cut();
    await server.told('problem');
  });

  it('tells the pool now and then that it is there', async () => {
    const worker = await start({ refresh: 20 });
    await server.wrote(isPresence(pool));
    server.deliver(`<presence from='${pool}'/>`);
    for (let times = 0; times < 3; times += 1) await server.wrote(isPresence(pool));
    equal(server.notices.filter(({ event }) => event === 'problem').length, 0);
    await worker.leave();
    await server.wrote(isPresence(pool, 'unavailable'));
    server.written.length = 0;
    await sleep(60);
    deepEqual(server.written.filter(isPresence(pool)), []);
  });

  it('leaves no timer behind when it ends', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
    // From here on mocha's own runs.
    await Promise.resolve();
    const before = timers();
    await start();
    await server.wrote(isPresence(pool));
    server.deliver(`<presence from='${pool}'/>`);
    await server.wrote(isPresence(pool));
    await connection.stop();
    ok(timers() <= before, `${timers()} timers, and ${before} before`);
  });

  it('joins again after an error, whatever else the pool shows meanwhile', async () => {
    await start({ joinTimeout: 200 });
    await server.wrote(isPresence(pool));
    const away = `<error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`;
    server.deliver(`<presence from='${pool}' type='error'>${away}</presence>`);
    server.deliver(`<presence from='${pool}' type='unavailable'/>`);
    await server.wrote(isPresence(pool));
    // Nobody answers that one either.
    await server.told('problem');
    await server.wrote(isPresence(pool));
  });

  it('works on as much as its capacity at a time, in order', async () => {
    const done: (() => void)[] = [];
    const began: string[] = [];
    const worker = await start({
      capacity: 2,
      handle: ({ body }) => {
        began.push(body);
        return new Promise((resolve) => {
          done.push(() => resolve(body));
        });
      },
    });
    for (const body of ['1', '2', '3', '4']) server.deliver(job(body));
    await Promise.resolve();
    deepEqual(began, ['1', '2']);
    equal(worker.inHand, 4);
    done.shift()?.();
    await server.wrote(isMessage(sensor));
    await server.wrote(() => began.length === 3).catch(() => undefined);
    deepEqual(began, ['1', '2', '3']);
    for (let left = 3; left > 0; left -= 1) {
      done.shift()?.();
      await server.wrote(isMessage(sensor));
    }
    equal(worker.inHand, 0);
  });

  it('lowers its priority under load and raises it when half is done', async () => {
    const done: (() => void)[] = [];
    await start({
      priority: 9,
      underLoad: { inHand: 4, priority: 1 },
      handle: () =>
        new Promise((resolve) => {
          done.push(() => resolve('x'));
        }),
    });
    equal(priority(await server.wrote(isPresence(pool))), '9');
    for (const body of ['1', '2', '3', '4', '5']) server.deliver(job(body));
    equal(priority(await server.wrote(isPresence(pool))), '1');
    for (const finish of done.splice(0, 2)) finish();
    await server.wrote(isMessage(sensor));
    await server.wrote(isMessage(sensor));
    deepEqual(server.written.filter(isPresence(pool)), []);
    done.shift()?.();
    equal(priority(await server.wrote(isPresence(pool))), '9');
    for (const finish of done) finish();
  });

  it('leaves first, takes what came before, finishes, and only then ends the session', async () => {
    let finish: (answer: string) => void = () => undefined;
    await start({
      handle: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    });
    await server.wrote(isPresence(pool));
    let asked: Element | undefined;
    server.reply = (stanza) => {
      if (stanza.name === 'iq') asked = stanza;
      return undefined;
    };
    const stopped = connection.stop();
    await server.wrote(isPresence(pool, 'unavailable'));
    await server.wrote(({ name }) => name === 'iq');
    // The pool shows itself to those who leave too; that must not bring the worker back.
    server.deliver(`<presence from='${pool}'/>`);
    server.deliver(job('late'));
    ok(asked !== undefined);
    server.deliver(result(asked));
    equal(server.closed, 0);
    setImmediate(() => finish('done late'));
    equal((await server.wrote(isMessage(sensor))).getChildText('body'), 'done late');
    await stopped;
    equal(server.closed, 1);
    deepEqual(server.written.filter(isPresence(pool)), []);
  });

  it('gives up on work that does not end, and says so', async () => {
    connection = server.connection({ drainTimeout: 20 });
    await start({ handle: () => new Promise(() => undefined) });
    server.deliver(job('for ever'));
    await connection.stop();
    match((await server.told('problem')).text, /work in hand/);
  });

  it('sends an answer after the next login when there is no session', async () => {
    let finish: (answer: string) => void = () => undefined;
    await start({
      handle: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    });
    server.deliver(job('a'));
    server.cut();
    finish('after all');
    equal((await server.wrote(isMessage(sensor))).getChildText('body'), 'after all');
    equal(server.logins.length, 2);
  });

  it('answers requests that its pool passes on, and no others', async () => {
    const load = 'urn:example:load';
    await start({
      requests: {
        [load]({ type, payload, from }) {
          if (payload.attrs['bad'] !== undefined) throw new StanzaError('modify', 'bad-request', 'bad');
          return type === 'get' ? xml('load', { xmlns: load, of: from }) : undefined;
        },
      },
    });
    const ask = (from: string, type: string, attribute = ''): Promise<string | true | undefined> =>
      server.ask(`<iq type='${type}' from='${from}' id='q'><load xmlns='${load}' ${attribute}/></iq>`);
    equal(await ask(pool, 'get'), `<load xmlns="${load}" of="${pool}"/>`);
    equal(await ask(sensor, 'set'), true);
    match(String(await ask(sensor, 'set', `bad='1'`)), /^<error type="modify"><bad-request/);
    equal(await ask('evil@example.net/r', 'get'), undefined);
    ok(connection.features.includes(load));
  });

  it('answers who looks for an instance, with the same id', async () => {
    await start();
    server.deliver(`<message from='${sensor}' type='normal' id='p1'><ping xmlns='urn:x-switchyard:dix:0'/></message>`);
    const pong = await server.wrote(isMessage(sensor));
    equal(pong.attrs['id'], 'p1');
    ok(pong.getChild('pong', 'urn:x-switchyard:dix:0') !== undefined);
  });

  it('changes its priority at once when told to', async () => {
    const worker = await start();
    await server.wrote(isPresence(pool));
    await worker.setPriority(12);
    equal(priority(await server.wrote(isPresence(pool))), '12');
    await worker.leave();
    await server.told('left');
    await worker.join();
    equal(priority(await server.wrote(isPresence(pool))), '12');
  });
});
