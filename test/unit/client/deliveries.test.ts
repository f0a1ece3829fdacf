import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../../client/src/connection.ts';
import type { Element } from '../../../client/src/element.ts';
import { StanzaError } from '../../../client/src/stanza-error.ts';
import { Reject } from '../../../client/src/verdict.ts';
import { Worker, type WorkerOptions } from '../../../client/src/worker.ts';
import { FakeServer, isMessage, isPresence, result } from './fake-server.ts';

const pool = 'jobs@pools.example.org';
const sensor = `${pool}/sensor@example.net/r`;
const namespace = 'urn:x-switchyard:delivery:0';
const receipts = 'urn:xmpp:receipts';

/** A message as a pool with the guarantee at-least-once gives it to a worker. */
function delivery(id: string, attempt = 1, deadline = 30_000): string {
  const time = (after: number): string => new Date(Date.now() + after).toISOString();
  return `<message xmlns='jabber:client' from='${sensor}' to='w@example.org/n1' type='chat' id='m-${id}'><body>${id}</body>
    <request xmlns='${receipts}'/><stanza-id xmlns='urn:xmpp:sid:0' by='evil.example' id='forged'/>
    <stanza-id xmlns='urn:xmpp:sid:0' by='${pool}' id='${id}'/>
    <delivery xmlns='${namespace}' token='${id}:${attempt}' attempt='${attempt}' deadline='${time(deadline)}' expires='${time(86_400_000)}'/></message>`;
}

const said =
  (name: string, xmlns = namespace) =>
  (stanza: Element) =>
    stanza.getChild(name, xmlns) !== undefined;
const token = (stanza: Element, name: string): string | undefined => stanza.getChild(name, namespace)?.attrs['token'];

describe('a worker of the client library, in a pool that delivers at least once', () => {
  let server: FakeServer;
  let connection: Connection;
  let open: {
    readonly body: string;
    readonly finish: (answer?: string) => void;
    readonly fail: (error: Error) => void;
  }[];

  beforeEach(() => {
    server = new FakeServer();
    server.reply = (stanza) => (stanza.getChild('ping', 'urn:xmpp:ping') === undefined ? undefined : result(stanza));
    connection = server.connection();
    open = [];
  });
  afterEach(async () => {
    for (const { finish } of open) finish();
    await connection.stop();
  });

  /** A worker whose handler is over when the test says so. */
  async function start(options: Partial<WorkerOptions> = {}): Promise<Worker> {
    const handle: WorkerOptions['handle'] = ({ body }) =>
      new Promise((resolve, reject) => {
        open.push({ body, finish: (answer) => resolve(answer), fail: reject });
      });
    const worker = new Worker(connection, { pool, handle, ...options });
    await connection.start();
    return worker;
  }

  async function finishAll(worker: Worker): Promise<void> {
    for (let done = 0; worker.inHand > 0; await sleep(1)) {
      const more = open.slice(done);
      done += more.length;
      for (const { finish } of more) finish();
    }
  }

  /** What was written that says something of a delivery. */
  const told = (): string[] =>
    server.written.flatMap((stanza) =>
      stanza
        .getChildElements()
        .filter((child) => child.getNS() === namespace || child.getNS() === receipts)
        .map(({ name, attrs }) => `${name} ${attrs['token'] ?? attrs['id']}`),
    );

  it('is known by its features', async () => {
    await start();
    ok(connection.features.includes(namespace));
    ok(connection.features.includes(receipts));
  });

  it('shows the handler the delivery, and acknowledges when the handler is over, together with the answer', async () => {
    await start({
      async handle({ delivery: of }) {
        equal(told().length, 0);
        await sleep(5);
        equal(told().length, 0);
        return `${of?.id} ${of?.attempt} ${(of?.deadline ?? 0) < (of?.expires ?? 0)}`;
      },
    });
    server.deliver(delivery('a', 2));
    const answer = await server.wrote(isMessage(sensor));
    equal(token(answer, 'ack'), 'a:2');
    equal(answer.attrs['type'], 'chat');
    equal(answer.getChildText('body'), 'a 2 true');
    // The pool makes the sender's receipt of the acknowledgement.
    deepEqual(server.written.filter(isMessage(sensor)), []);
  });

  it('acknowledges without an answer by a signal that no server keeps', async () => {
    await start({ handle: () => undefined });
    server.deliver(delivery('a'));
    const ack = await server.wrote(said('ack'));
    deepEqual([ack.attrs['to'], ack.attrs['type'], ack.getChild('body')], [sensor, 'chat', undefined]);
    ok(ack.getChild('no-store', 'urn:xmpp:hints') !== undefined);
  });

  it('gives back what its handler fails at, and tells nothing of the accident', async () => {
    await start();
    server.deliver(delivery('a'));
    open[0]?.fail(new Error('secret path'));
    const nack = await server.wrote(said('nack'));
    deepEqual({ ...nack.getChild('nack')?.attrs }, { xmlns: namespace, token: 'a:1', requeue: 'true' });
    ok(!nack.toString().includes('secret'));
    match((await server.told('failed')).text, /m-a: secret path/);
    equal(server.written.filter(isMessage(sensor)).length, 0);
  });

  it('rejects for good with an error for the sender, or gives back for later', async () => {
    await start();
    const nack = async (error: Error): Promise<string> => {
      server.deliver(delivery('a'));
      open.pop()?.fail(error);
      return (await server.wrote(said('nack'))).getChild('nack')?.toString() ?? '';
    };
    match(
      await nack(new Reject('Only numbers, please.')),
      /requeue="false"><error type="modify"><not-acceptable .*Only numbers, please\./,
    );
    match(
      await nack(new Reject('No such host.', { type: 'cancel', condition: 'item-not-found' })),
      /requeue="false"><error type="cancel"><item-not-found /,
    );
    match(await nack(new Reject('Out of paper.', { requeue: true, delay: 4_100 })), /requeue="true" delay="5"\/>/);
    match(await nack(new StanzaError('auth', 'forbidden', 'no')), /requeue="false"><error type="auth"><forbidden /);
    match(await nack(new StanzaError('wait', 'resource-constraint', 'no')), /requeue="true"\/>/);
  });

  it('asks for more time again and again while it works, before the time is over, and then no more', async () => {
    await start({ extend: { by: 40 } });
    const began = Date.now();
    server.deliver(delivery('a', 1, 60));
    const first = await server.wrote(said('extend'));
    ok(Date.now() - began >= 15);
    deepEqual({ ...first.getChild('extend')?.attrs }, { xmlns: namespace, token: 'a:1', seconds: '1' });
    await server.wrote(said('extend'));
    await server.wrote(said('extend'));
    open[0]?.finish();
    await server.wrote(said('ack'));
    server.written.length = 0;
    await sleep(60);
    deepEqual(told(), []);
  });

  it('asks for time while a message waits for its turn', async () => {
    const worker = await start({ capacity: 1, extend: { by: 40 } });
    server.deliver(delivery('a', 1, 30_000));
    server.deliver(delivery('b', 1, 60));
    equal(token(await server.wrote(said('extend')), 'extend'), 'b:1');
    deepEqual(
      open.map(({ body }) => body),
      ['a'],
    );
    await finishAll(worker);
  });

  it('stops asking at the limit, says so, and acknowledges all the same', async () => {
    await start({ extend: { by: 20, max: 80 } });
    server.deliver(delivery('a', 1, 30));
    match((await server.told('problem')).text, /m-a: too long in hand/);
    server.written.length = 0;
    await sleep(40);
    deepEqual(told(), []);
    open[0]?.finish();
    await server.wrote(said('ack'));
  });

  it('does not ask for time when told not to, and believes no clock that is far off', async () => {
    await start({ extend: false });
    server.deliver(delivery('a', 1, 20));
    await sleep(40);
    deepEqual(told(), []);
    open[0]?.finish();
    await connection.stop();
    connection = server.connection();
    await start();
    server.deliver(delivery('b', 1, -3_600_000));
    equal(token(await server.wrote(said('extend')), 'extend'), 'b:1');
  });

  it('acknowledges after a reconnect what was worked on before, and holds on to what is worked on still', async () => {
    await start();
    server.deliver(delivery('a'));
    server.deliver(delivery('b'));
    server.cut();
    open[0]?.finish('did a');
    await server.session(2);
    const [joined, ...after] = [await server.wrote(isPresence(pool)), ...told()];
    ok(joined !== undefined);
    deepEqual(
      after.filter((text) => !text.includes('a:')),
      ['extend b:1'],
    );
    const answer = await server.wrote(said('ack'));
    deepEqual([token(answer, 'ack'), answer.getChildText('body')], ['a:1', 'did a']);
    open[1]?.finish();
    await server.wrote(said('ack'));
  });

  it('repeats after a reconnect what it acknowledged last: the line may have been dead', async () => {
    await start();
    server.deliver(delivery('a'));
    open[0]?.finish('did a');
    await server.wrote(said('ack'));
    server.cut();
    const again = await server.wrote(said('ack'));
    // The answer is not: it would come twice.
    deepEqual([token(again, 'ack'), again.getChild('body')], ['a:1', undefined]);
  });

  it('repeats what comes back because the router is away: after a while, or when the pool shows itself', async () => {
    await start({ handle: ({ body }) => `did ${body}` });
    const back = ({ attrs: { id } }: Element, type: string, condition: string): string =>
      `<message from='${sensor}' type='error' id='${id}'><error type='${type}'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`;
    server.deliver(delivery('a'));
    const first = await server.wrote(said('ack'));
    server.deliver(back(first, 'wait', 'remote-server-timeout'));
    server.deliver(`<presence from='${pool}'/>`);
    equal((await server.wrote(said('ack'))).toString(), first.toString());
    server.deliver(back(first, 'cancel', 'remote-server-not-found'));
    equal((await server.wrote(said('ack'))).toString(), first.toString());
    server.deliver(back(first, 'cancel', 'service-unavailable'));
    server.deliver(`<presence from='${pool}'/>`);
    await server.wrote(isPresence(pool));
    deepEqual(told(), []);
  });

  it('does what comes again once more, unless it is to remember', async () => {
    await start();
    server.deliver(delivery('a'));
    open[0]?.finish();
    await server.wrote(said('ack'));
    server.deliver(delivery('a', 2));
    equal(open.length, 2);
  });

  it('acknowledges at once what it has done before, if asked, within the bounds of its memory', async () => {
    await start({ deduplicate: { remember: 2 } });
    for (const id of ['a', 'b', 'c']) {
      server.deliver(delivery(id));
      open.at(-1)?.finish();
      await server.wrote(said('ack'));
    }
    server.deliver(delivery('c', 2));
    equal(token(await server.wrote(said('ack')), 'ack'), 'c:2');
    server.deliver(delivery('b', 2));
    equal(token(await server.wrote(said('ack')), 'ack'), 'b:2');
    equal(open.length, 3);
    server.deliver(delivery('a', 2));
    equal(open.length, 4);
  });

  it('waits for what is worked on already, and acknowledges the newest attempt; what failed is done again', async () => {
    await start({ deduplicate: true });
    server.deliver(delivery('a'));
    server.deliver(delivery('a', 2));
    equal(open.length, 1);
    equal(token(await server.wrote(said('extend')), 'extend'), 'a:2');
    open[0]?.finish();
    equal(token(await server.wrote(said('ack')), 'ack'), 'a:2');
    deepEqual(told(), []);
    server.deliver(delivery('b'));
    open[1]?.fail(new Error('b'));
    await server.wrote(said('nack'));
    server.deliver(delivery('b', 2));
    equal(open.length, 3);
  });

  it('leaves without giving up what is in hand: it drains, finishes, acknowledges, and only then is gone', async () => {
    const worker = await start({ capacity: 3 });
    await server.wrote(isPresence(pool));
    server.deliver(delivery('a'));
    const left = worker.leave();
    const draining = await server.wrote(isPresence(pool));
    const wish = draining.getChild('x', 'urn:x-switchyard:worker:0')?.attrs;
    deepEqual([wish?.['drain'], wish?.['capacity']], ['true', '3']);
    // The pool shows itself; that must not bring the worker back. And what was on its way is done too.
    server.deliver(`<presence from='${pool}'/>`);
    server.deliver(delivery('b'));
    open[0]?.finish();
    await server.wrote(said('ack'));
    deepEqual(server.written.filter(isPresence(pool)), []);
    deepEqual(server.written.filter(isPresence(pool, 'unavailable')), []);
    open[1]?.finish();
    await left;
    const order = server.written.flatMap((stanza) => (said('ack')(stanza) ? ['ack'] : [stanza.attrs['type'] ?? '']));
    deepEqual(order.slice(order.indexOf('ack')), ['ack', 'unavailable', 'get']);
  });

  it('gives back what it has no place for', async () => {
    const worker = await start({ capacity: 1 });
    for (let n = 0; n <= 1001; n += 1) server.deliver(delivery(`n${n}`));
    const nack = await server.wrote(said('nack'));
    deepEqual([token(nack, 'nack'), nack.getChild('nack')?.attrs['requeue']], ['n1001:1', 'true']);
    await finishAll(worker);
    equal(open.length, 1001);
  });

  it('sends a receipt after the work where only a receipt is asked for, and none when the work failed', async () => {
    await start();
    const message = (id: string, request = `<request xmlns='${receipts}'/>`): string =>
      `<message xmlns='jabber:client' from='${sensor}' type='chat' id='${id}'><body>${id}</body>${request}</message>`;
    server.deliver(message('r1'));
    deepEqual(told(), []);
    open[0]?.finish();
    const receipt = await server.wrote(said('received', receipts));
    deepEqual([receipt.attrs['to'], receipt.getChild('received')?.attrs['id']], [sensor, 'r1']);
    server.deliver(message('r2'));
    open[1]?.fail(new StanzaError('modify', 'not-acceptable', 'no'));
    equal((await server.wrote(isMessage(sensor))).attrs['type'], 'error');
    server.deliver(message('r3', ''));
    open[2]?.finish('done');
    equal((await server.wrote(isMessage(sensor))).getChildText('body'), 'done');
    deepEqual(told(), []);
  });

  describe('by requests (IQ)', () => {
    const request = (id: string, attempt = 1, from = sensor): Promise<string | true | undefined> =>
      server.ask(`<iq type='set' id='q' from='${from}'><deliver xmlns='${namespace}'>
        <forwarded xmlns='urn:xmpp:forward:0'>${delivery(id, attempt)}</forwarded></deliver></iq>`);

    it('answers with a result when the work is over, and sends no acknowledgement beside it', async () => {
      await start();
      const answer = request('a');
      equal(open.length, 1);
      open[0]?.finish('did a');
      equal(await answer, true);
      const [only, ...more] = server.written.filter(isMessage(sensor));
      equal(only?.getChildText('body'), 'did a');
      deepEqual([more, told()], [[], []]);
    });

    it('answers with an error: wait for another try, anything else for good', async () => {
      await start();
      const answer = async (error: Error): Promise<string> => {
        const asked = request('a');
        open.pop()?.fail(error);
        return String(await asked);
      };
      match(await answer(new Error('secret')), /^<error type="wait"><internal-server-error/);
      match(await answer(new Reject('no')), /^<error type="modify"><not-acceptable/);
      match(await answer(new Reject('no', { type: 'wait' })), /^<error type="cancel"><not-acceptable/);
      match(await answer(new Reject('later', { requeue: true, type: 'cancel' })), /^<error type="wait"/);
      deepEqual(told(), []);
    });

    it('acknowledges by message what a session asked for that is over', async () => {
      await start();
      void request('a');
      server.cut();
      open[0]?.finish();
      equal(token(await server.wrote(said('ack')), 'ack'), 'a:1');
    });

    it('takes them from its pool alone, and answers a second time what it has done', async () => {
      await start({ deduplicate: true });
      equal(await request('a', 1, 'evil@example.net/r'), undefined);
      const [first, second] = [request('a'), request('a', 2)];
      open[0]?.finish();
      deepEqual([await first, await second, await request('a', 3)], [true, true, true]);
      equal(open.length, 1);
    });
  });
});
