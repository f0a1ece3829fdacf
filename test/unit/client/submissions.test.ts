import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../../client/src/connection.ts';
import { DeliveryFailed } from '../../../client/src/delivery-failed.ts';
import type { Element } from '../../../client/src/element.ts';
import { Sender } from '../../../client/src/sender.ts';
import { FakeServer, isMessage } from './fake-server.ts';

const pool = 'jobs@pools.example.org';
const namespace = 'urn:x-switchyard:delivery:0';
const stanzas = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const quick = { min: 4, max: 8 };

const queued = (id?: string, from = pool): string =>
  `<message from='${from}' type='chat' id='q'><queued xmlns='${namespace}' id='${id}'/></message>`;
const receipt = (id?: string, from = pool): string =>
  `<message from='${from}' type='chat' id='r'><received xmlns='urn:xmpp:receipts' id='${id}'/></message>`;
const error = (id: string | undefined, type: string, condition: string, fate = ''): string =>
  `<message from='${pool}' type='error' id='${id}'><error type='${type}'><${condition} xmlns='${stanzas}'/>${fate}</error></message>`;
const fate = (name: string): string => `<${name} xmlns='${namespace}' attempts='5' id='01abc'/>`;
const full = `<queue-full xmlns='${namespace}'/>`;

describe('a sender of the client library that wants a message delivered at least once', () => {
  let server: FakeServer;
  let connection: Connection;
  let sender: Sender;

  beforeEach(async () => {
    server = new FakeServer();
    connection = server.connection();
    sender = new Sender(connection);
    await connection.start();
  });
  afterEach(async () => {
    await connection.stop();
  });

  const wrote = (): Promise<Element> => server.wrote(isMessage(pool));
  const origin = (stanza: Element): string | undefined => stanza.getChild('origin-id', 'urn:xmpp:sid:0')?.attrs['id'];

  it('asks the pool for it, and is done when the pool has the message', async () => {
    const delivered = sender.deliver(pool, 'work', { ttl: 1_500, thread: 't' });
    const sent = await wrote();
    deepEqual(
      { ...sent.getChild('deliver')?.attrs },
      { xmlns: namespace, guarantee: 'at-least-once', ttl: '2', queued: 'true' },
    );
    equal(sent.getChildText('thread'), 't');
    equal(sent.getChild('request'), undefined);
    const { id } = sent.attrs;
    server.deliver(queued(id, 'evil@example.net'));
    server.deliver(queued('other'));
    equal(await Promise.race([delivered, sleep(10).then(() => 'open')]), 'open');
    server.deliver(queued(id));
    deepEqual(await delivered, { id, originId: origin(sent), state: 'queued', sends: 1 });
  });

  it('sends the very same again until the pool has it, and then no more', async () => {
    const delivered = sender.deliver(pool, 'work', { resend: quick });
    const first = await wrote();
    const again = [await wrote(), await wrote()];
    for (const stanza of again) equal(stanza.toString(), first.toString());
    server.deliver(queued(first.attrs['id']));
    const { sends } = await delivered;
    ok(sends >= 3);
    server.written.length = 0;
    await sender.send(pool, 'after');
    equal((await wrote()).getChildText('body'), 'after');
    deepEqual(server.written, []);
  });

  it('keeps the origin-id that it is given', async () => {
    const delivered = sender.deliver(pool, 'work', { id: 'i', originId: 'o' });
    const sent = await wrote();
    deepEqual([sent.attrs['id'], origin(sent)], ['i', 'o']);
    await rejects(sender.deliver(pool, 'work', { id: 'i' }), /under way/);
    server.deliver(queued('i'));
    await delivered;
  });

  it('waits for a worker to have done it, if asked, and asks for the receipt that says so', async () => {
    const delivered = sender.deliver(pool, 'work', { until: 'acknowledged', resend: quick });
    const sent = await wrote();
    const { id } = sent.attrs;
    ok(sent.getChild('request', 'urn:xmpp:receipts') !== undefined);
    server.deliver(queued(id));
    server.written.length = 0;
    await sleep(30);
    server.deliver(receipt(id, 'evil@example.net'));
    equal(await Promise.race([delivered, sleep(10).then(() => 'open')]), 'open');
    server.deliver(receipt(id));
    equal((await delivered).state, 'acknowledged');
    deepEqual(server.written, []);
  });

  it('asks again in the next session whether it is done, and takes no refusal of that for the end of it', async () => {
    const delivered = sender.deliver(pool, 'work', { until: 'acknowledged', resend: { min: 400 } });
    const sent = await wrote();
    const { id } = sent.attrs;
    server.deliver(queued(id));
    server.written.length = 0;
    server.cut();
    equal((await wrote()).toString(), sent.toString());
    server.deliver(error(id, 'wait', 'remote-server-timeout'));
    server.deliver(queued(id));
    server.deliver(receipt(id));
    equal((await delivered).sends, 2);
  });

  it('takes a receipt for it when the word that it is queued was lost', async () => {
    const delivered = sender.deliver(pool, 'work', { until: 'acknowledged' });
    server.deliver(receipt((await wrote()).attrs['id']));
    equal((await delivered).state, 'acknowledged');
  });

  it('sends it again in the next session, and what it was given without one', async () => {
    const first = sender.deliver(pool, 'a', { resend: { min: 60_000 } });
    const sent = await wrote();
    server.cut();
    const second = sender.deliver(pool, 'b', { resend: { min: 60_000 } });
    const [one, two] = [await wrote(), await wrote()].sort((x, y) =>
      x.getChildText('body') === 'a' ? -1 : y.getChildText('body') === 'a' ? 1 : 0,
    );
    equal(server.logins.length, 2);
    equal(one?.toString(), sent.toString());
    server.deliver(queued(one?.attrs['id']));
    server.deliver(queued(two?.attrs['id']));
    deepEqual([(await first).sends, (await second).sends], [2, 1]);
  });

  it('fails with what the pool says when it gives the message up or does not take it', async () => {
    const delivered = sender.deliver(pool, 'a', { until: 'acknowledged' });
    const { id } = (await wrote()).attrs;
    server.deliver(queued(id));
    server.deliver(error(id, 'wait', 'recipient-unavailable', fate('expired')));
    await rejects(delivered, (failure) => {
      ok(failure instanceof DeliveryFailed);
      const { reason, attempts, delivery, type, condition, from } = failure;
      deepEqual([reason, attempts, delivery], ['expired', 5, '01abc']);
      deepEqual([type, condition, from], ['wait', 'recipient-unavailable', pool]);
      return true;
    });
    const refused = sender.deliver(pool, 'b');
    server.deliver(error((await wrote()).attrs['id'], 'modify', 'not-acceptable'));
    await rejects(refused, { condition: 'not-acceptable', reason: undefined, attempts: undefined });
    // One that was taken before, and whose first word was lost.
    const pushed = sender.deliver(pool, 'b2');
    server.deliver(error((await wrote()).attrs['id'], 'wait', 'resource-constraint', fate('queue-full')));
    await rejects(pushed, { reason: 'queue-full', delivery: '01abc' });
    const late = sender.deliver(pool, 'c');
    server.deliver(error((await wrote()).attrs['id'], 'wait', 'recipient-unavailable', fate('expired')));
    await rejects(late, { reason: 'expired' });
  });

  it('tries again while the pool has no room and the router is away', async () => {
    const delivered = sender.deliver(pool, 'a', { resend: quick });
    const refusals: (readonly [string, string, string])[] = [
      ['wait', 'resource-constraint', full],
      ['wait', 'internal-server-error', ''],
      ['cancel', 'remote-server-not-found', ''],
    ];
    for (const [type, condition, reason] of refusals) {
      server.deliver(error((await wrote()).attrs['id'], type, condition, reason));
    }
    server.deliver(queued((await wrote()).attrs['id']));
    equal((await delivered).state, 'queued');
  });

  it('gives up in its time, and says whether the pool had it', async () => {
    const name = 'DeliveryUnknown';
    await rejects(sender.deliver(pool, 'a', { timeout: 10 }), { name, queued: false, message: /within 0\.01 s$/ });
    const late = sender.deliver(pool, 'b', { timeout: 30, resend: { min: 60_000 } });
    server.written.splice(0, 1);
    server.deliver(error((await wrote()).attrs['id'], 'wait', 'resource-constraint', full));
    await rejects(late, { name, queued: false, message: /it said resource-constraint$/ });
    const had = sender.deliver(pool, 'c', { until: 'acknowledged', doneWithin: 10 });
    server.deliver(queued((await wrote()).attrs['id']));
    await rejects(had, { name, queued: true });
  });

  it('does not outlive its connection', async () => {
    const open = sender.deliver(pool, 'a');
    const failed = rejects(open, { name: 'DeliveryUnknown', message: /the connection has stopped/ });
    await connection.stop();
    await failed;
  });

  it('passes on what a single message asks for', async () => {
    await sender.send(pool, 'a', { guarantee: 'plain', ttl: 60_000 });
    deepEqual({ ...(await wrote()).getChild('deliver')?.attrs }, { xmlns: namespace, guarantee: 'plain', ttl: '60' });
    await sender.send(pool, 'b');
    equal((await wrote()).getChild('deliver'), undefined);
  });
});
