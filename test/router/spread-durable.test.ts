import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { Element } from 'ltx';
import { obstacleInWords, obstacleOf } from '../../src/core/pool/obstacle.ts';
import type { DeliverySettings, PoolSettings } from '../../src/core/settings.ts';
import { bodyOf, childOf, messagesOf, PoolNetwork } from '../support/models/pool-network.ts';
import { deliverySettings, poolSettings } from './house.ts';

const alice = 'alice@home.example/phone';
const front = 'front.example';
const [p1, p2] = ['p1.example', 'p2.example'];
const receiptNs = 'urn:xmpp:receipts';

function durable(changes: Partial<DeliverySettings> = {}): DeliverySettings {
  return deliverySettings({ guarantee: 'at-least-once', ack: 'receipt', ...changes });
}

function fronting(changes: Partial<PoolSettings> = {}): PoolSettings {
  const members = [p1, p2].map((domain) => ({ jid: `jobs@${domain}`, weight: 1, label: undefined, capacity: 1000 }));
  return poolSettings({ workers: [], members, delivery: durable({ ack: 'auto' }), ...changes });
}

/** What workers do with what they get. */
interface Habits {
  receipts: boolean;
}

/** A front over two durable pools with a worker each, who sends receipts while his habits are so. */
async function network(
  settings: { front?: Partial<PoolSettings>; behind?: Partial<PoolSettings> } = {},
): Promise<{ made: PoolNetwork; habits: Habits; got: Map<string, string[]> }> {
  const made = new PoolNetwork();
  const habits = { receipts: true };
  const got = new Map<string, string[]>([
    ['p1', []],
    ['p2', []],
  ]);
  made.client(alice);
  for (const domain of [p1, p2]) {
    await made.add(domain, poolSettings({ delivery: durable(), ...settings.behind }));
    const name = domain.split('.')[0] ?? '';
    const jid = `w@work.example/${name}`;
    made.client(jid, (stanza, on) => {
      if (!stanza.is('message') || stanza.attrs['type'] === 'error') return;
      got.get(name)?.push(bodyOf(stanza));
      if (habits.receipts) acknowledge(on, stanza);
    });
    made.send(`<presence from='${jid}' to='jobs@${domain}'/>`);
  }
  await made.settle();
  await made.add(front, fronting(settings.front));
  await made.pass(3_000);
  return { made, habits, got };
}

function acknowledge(made: PoolNetwork, stanza: Element): void {
  const { from, to, id } = stanza.attrs;
  made.send(`<message from='${to}' to='${from}' id='r-${id}'><received xmlns='${receiptNs}' id='${id}'/></message>`);
}

function send(made: PoolNetwork, id: string, inner = '', from = alice): void {
  made.send(`<message type='chat' from='${from}' to='jobs@${front}' id='${id}'><body>${id}</body>${inner}</message>`);
}

const request = `<request xmlns='${receiptNs}'/>`;

/** What the front counts of what it accepted. */
function tally(made: PoolNetwork, domain: string): readonly number[] {
  const queue = made.node(domain).router?.deliveries.queues.get('jobs');
  return [queue?.tally.accepted ?? -1, queue?.tally.acknowledged ?? -1, queue?.tally.bounced ?? -1, queue?.dead ?? -1];
}

function everything(got: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...got.values()].flat().sort();
}

describe('router: at least once over pools of other domains', () => {
  it('is acknowledged when the next pool has it on its disk, and the receipt comes from the end', async () => {
    const { made, habits, got } = await network();
    habits.receipts = false;
    for (const id of ['m1', 'm2', 'm3', 'm4']) send(made, id, request);
    await made.settle();
    deepEqual(tally(made, front), [4, 4, 0, 0]);
    deepEqual(
      [tally(made, p1), tally(made, p2)],
      [
        [2, 0, 0, 0],
        [2, 0, 0, 0],
      ],
    );
    equal(messagesOf(made.take(alice)).length, 0);
    deepEqual(everything(got), ['m1', 'm2', 'm3', 'm4']);
    for (const name of ['p1', 'p2'])
      for (const stanza of messagesOf(made.take(`w@work.example/${name}`))) acknowledge(made, stanza);
    await made.settle();
    const receipts = messagesOf(made.take(alice)).map((stanza) => childOf(stanza, 'received')?.attrs['id']);
    deepEqual(new Set(receipts), new Set(['m1', 'm2', 'm3', 'm4']));
    deepEqual(
      [tally(made, p1), tally(made, p2)],
      [
        [2, 2, 0, 0],
        [2, 2, 0, 0],
      ],
    );
  });

  it('gives every receipt though the end is as fast as the word that it went on', async () => {
    const { made } = await network();
    for (let n = 0; n < 20; n += 1) send(made, `m${n}`, request);
    await made.settle();
    const receipts = messagesOf(made.take(alice)).map((stanza) => childOf(stanza, 'received')?.attrs['id']);
    equal(new Set(receipts).size, 20);
    equal(receipts.length, 20);
    deepEqual(tally(made, front), [20, 20, 0, 0]);
  });

  it('loses no receipt and no error that comes before it is stored here that the message went on', async () => {
    const { made, habits } = await network({ behind: { delivery: durable({ maxAttempts: 1, ackTimeout: 1_000 }) } });
    made.loses = (stanza) => {
      if (childOf(stanza, 'queued') !== undefined) made.node(front).storeStands = true;
      return false;
    };
    send(made, 'm1', request);
    await made.settle();
    habits.receipts = false;
    made.node(front).storeStands = false;
    await made.settle();
    send(made, 'm2', request);
    await made.pass(3_000);
    made.node(front).storeStands = false;
    await made.pass(1_000);
    deepEqual(
      messagesOf(made.take(alice)).map((stanza) => [
        stanza.attrs['type'],
        childOf(stanza, 'received')?.attrs['id'] ?? stanza.attrs['id'],
      ]),
      [
        [undefined, 'm1'],
        ['error', 'm2'],
      ],
    );
    deepEqual(tally(made, front), [2, 2, 0, 0]);
  });

  it('asks nobody for a receipt that its sender did not ask for', async () => {
    const { made } = await network();
    send(made, 'm1');
    await made.settle();
    equal(messagesOf(made.take(alice)).length, 0);
  });

  it('keeps what is not acknowledged, and what comes again is known by its id there', async () => {
    const { made, got } = await network();
    // The word that it is on disk is lost on its way, as when the link of the front is cut.
    let lost = 0;
    made.loses = (stanza) => {
      const isWord = childOf(stanza, 'queued') !== undefined;
      if (isWord) lost += 1;
      return isWord && lost <= 4;
    };
    for (const id of ['m1', 'm2', 'm3', 'm4']) send(made, id);
    await made.settle();
    deepEqual(tally(made, front), [4, 0, 0, 0]);
    await made.pass(40_000);
    deepEqual(tally(made, front), [4, 4, 0, 0]);
    deepEqual(everything(got), ['m1', 'm2', 'm3', 'm4']);
    equal(
      (made.node(p1).out.events.get('delivery-duplicate') ?? 0) +
        (made.node(p2).out.events.get('delivery-duplicate') ?? 0),
      4,
    );
  });

  it('is acknowledged by the receipt of the end as well, where the word that it is on disk was lost', async () => {
    const { made, got } = await network();
    made.loses = (stanza) => childOf(stanza, 'queued') !== undefined;
    for (const id of ['m1', 'm2']) send(made, id, request);
    await made.settle();
    deepEqual(tally(made, front), [2, 2, 0, 0]);
    deepEqual(everything(got), ['m1', 'm2']);
    equal(messagesOf(made.take(alice)).filter((stanza) => childOf(stanza, 'received') !== undefined).length, 2);
  });

  it('sends on, after the front was killed, what was not acknowledged; none is lost', async () => {
    const { made, got } = await network();
    made.loses = (stanza) => childOf(stanza, 'queued') !== undefined;
    for (let n = 0; n < 10; n += 1) send(made, `m${n}`);
    await made.settle();
    made.node(front).kill();
    made.loses = () => false;
    await made.node(front).start();
    await made.pass(45_000);
    deepEqual(tally(made, front), [10, 10, 0, 0]);
    equal(everything(got).length, 10);
  });

  it('is given again as soon as its member is there, after the front was killed or its link was lost, and known', async () => {
    const { made, got } = await network();
    const known = (): number =>
      [p1, p2].reduce((sum, domain) => sum + (made.node(domain).out.events.get('delivery-duplicate') ?? 0), 0);
    const ends = {
      'the front was killed': async (): Promise<void> => {
        made.node(front).kill();
        made.loses = () => false;
        await made.node(front).start();
      },
      'its link was lost': async (): Promise<void> => {
        made.loses = () => false;
        made.node(front).router?.linkDown();
        made.node(front).router?.linkUp(made.now);
        await made.settle();
      },
    };
    let done = 0;
    for (const [what, end] of Object.entries(ends)) {
      // Half of the words that it is on disk there are lost, and half of the messages.
      let n = 0;
      made.loses = (stanza) => {
        if (childOf(stanza, 'queued') !== undefined) return true;
        const goesOn = stanza.is('message') && stanza.attrs['from']?.startsWith(`jobs@${front}/`) === true;
        n += goesOn ? 1 : 0;
        return goesOn && n % 2 === 0;
      };
      const before = known();
      for (let m = 0; m < 10; m += 1) send(made, `${what} ${m}`);
      await made.settle();
      await end();
      // Much less than the time that a lease has.
      await made.pass(3_000);
      done += 10;
      deepEqual([what, ...tally(made, front)], [what, done, done, 0, 0]);
      equal(everything(got).filter((body) => body.startsWith(what)).length, 10, what);
      equal(known() - before, 5, what);
      // The counts are those of the process that was started after the first.
      equal(made.node(front).out.events.get('delivery-repeated'), done, what);
      equal(made.node(front).out.events.get('attempt-timeout'), undefined, what);
    }
  });

  it('is not given again after a kill to a member that may not know it any more', async () => {
    const { made, got } = await network({ front: { delivery: durable({ ack: 'receipt' }) } });
    made.loses = (stanza) => childOf(stanza, 'queued') !== undefined || childOf(stanza, 'received') !== undefined;
    send(made, 'm1');
    await made.settle();
    made.node(front).kill();
    // What was a pool that keeps messages is a plain one now.
    for (const domain of [p1, p2]) made.node(domain).reload([poolSettings()]);
    await made.node(front).start();
    await made.pass(10_000);
    equal(made.node(front).out.events.get('delivery-repeated'), undefined);
    deepEqual(everything(got), ['m1']);
  });

  it('is given again neither to one that has said that it has it, nor before it is on disk, nor to workers', async () => {
    const { made, habits, got } = await network();
    habits.receipts = false;
    for (const name of ['p1', 'p2'])
      made.send(`<presence type='unavailable' from='w@work.example/${name}' to='jobs@${name}.example'/>`);
    await made.pass(3_000);
    send(made, 'm1');
    await made.settle();
    // It waits; that somebody gets it now is not on disk yet.
    made.node(front).storeStands = true;
    made.send(`<presence from='w@work.example/p1' to='jobs@${p1}'/>`);
    await made.pass(3_000);
    made.node(front).router?.linkDown();
    made.node(front).router?.linkUp(made.now);
    await made.pass(5_000);
    deepEqual(everything(got), [], 'it is not on disk');
    made.node(front).storeStands = false;
    await made.pass(1_000);
    deepEqual(everything(got), ['m1']);
    deepEqual(tally(made, front), [1, 1, 0, 0]);
    made.node(front).router?.linkDown();
    made.node(front).router?.linkUp(made.now);
    await made.pass(5_000);
    equal(made.node(front).out.events.get('delivery-repeated'), undefined);
    // A worker may be at it still: it has its time.
    made.node(p1).router?.linkDown();
    made.node(p1).router?.linkUp(made.now);
    await made.pass(5_000);
    equal(made.node(p1).out.events.get('delivery-repeated'), undefined);
    deepEqual(everything(got), ['m1']);
  });

  it('is not given again before its next attempt is on disk', async () => {
    const { made, got } = await network();
    const node = made.node(front);
    made.loses = (stanza) => childOf(stanza, 'queued') !== undefined;
    send(made, 'm1');
    await made.pass(29_500);
    node.storeStands = true;
    await made.pass(1_000);
    // That its time is over is on disk now, and the next attempt is not.
    node.storeStands = false;
    equal(await node.answerStore(), true);
    node.storeStands = true;
    await made.pass(5_000);
    made.loses = () => false;
    node.router?.linkDown();
    node.router?.linkUp(made.now);
    await made.pass(5_000);
    deepEqual([node.out.events.get('attempt-timeout'), node.out.events.get('delivery-repeated')], [1, undefined]);
    node.storeStands = false;
    await made.pass(1_000);
    deepEqual(tally(made, front), [1, 1, 0, 0]);
    deepEqual(everything(got), ['m1']);
  });

  it('tells two senders apart who write the same under the same origin-id', async () => {
    const { made, got } = await network();
    const same = "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>";
    for (const who of ['alice', 'bob', 'carol', 'dave']) send(made, 'm', same, `${who}@home.example/x`);
    await made.settle();
    deepEqual(everything(got), ['m', 'm', 'm', 'm']);
    const plain = await network({ front: { delivery: deliverySettings() } });
    for (const who of ['alice', 'bob', 'carol', 'dave']) send(plain.made, 'm', same, `${who}@home.example/x`);
    await plain.made.settle();
    deepEqual(everything(plain.got), ['m', 'm', 'm', 'm']);
    // One that sends again is known, from another of his clients too.
    send(plain.made, 'm', same, 'alice@home.example/other');
    send(plain.made, 'm', same, 'bob@home.example/other');
    await plain.made.settle();
    ok(everything(plain.got).length <= 6);
  });

  it('gives no receipt for what is sent again while only the next pool knows how far it is', async () => {
    const { made, habits, got } = await network();
    habits.receipts = false;
    const inner = `<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>${request}<deliver xmlns='urn:x-switchyard:delivery:0' queued='1'/>`;
    for (let times = 0; times < 2; times += 1) {
      send(made, 'm1', inner);
      await made.settle();
    }
    const words = messagesOf(made.take(alice)).map((stanza) => stanza.getChildElements()[0]?.getName());
    deepEqual(words, ['queued', 'queued']);
    deepEqual(everything(got), ['m1']);
  });

  it('gives a dead letter of the next pool back to the sender, under his own id', async () => {
    const { made, habits } = await network({ behind: { delivery: durable({ maxAttempts: 1, ackTimeout: 1_000 }) } });
    habits.receipts = false;
    send(made, 'm1');
    send(made, 'x'.repeat(200));
    await made.settle();
    deepEqual(tally(made, front), [2, 2, 0, 0]);
    await made.pass(3_000);
    const told = messagesOf(made.take(alice));
    deepEqual(
      told.map((stanza) => [stanza.attrs['type'], stanza.attrs['id'], stanza.attrs['from']]),
      [
        ['error', 'm1', `jobs@${front}`],
        ['error', 'x'.repeat(200), `jobs@${front}`],
      ],
    );
    ok(childOf(childOf(told[0], 'error'), 'max-attempts'));
  });

  it('passes on how long a message may live, whatever the next pool allows its senders', async () => {
    const { made, habits } = await network({ behind: { delivery: durable({ hints: [] }) } });
    habits.receipts = false;
    send(made, 'm1', "<deliver xmlns='urn:x-switchyard:delivery:0' ttl='5'/>");
    await made.settle();
    deepEqual(tally(made, front), [1, 1, 0, 0]);
    made.send(`<presence type='unavailable' from='w@work.example/p1' to='jobs@${p1}'/>`);
    await made.pass(9_000);
    const [told] = messagesOf(made.take(alice));
    ok(childOf(childOf(told, 'error'), 'expired'));
  });

  it('goes to another when one refuses it or is gone, and waits while there is none', async () => {
    const { made, got } = await network();
    made.node(p1).kill();
    for (let n = 0; n < 6; n += 1) send(made, `m${n}`);
    await made.pass(1_000);
    deepEqual(tally(made, front), [6, 6, 0, 0]);
    equal(got.get('p2')?.length, 6);
    made.node(p2).kill();
    for (let n = 6; n < 10; n += 1) send(made, `m${n}`);
    await made.pass(5_000);
    deepEqual(tally(made, front), [10, 6, 0, 0]);
    await made.node(p1).start();
    await made.pass(90_000);
    deepEqual(tally(made, front), [10, 10, 0, 0]);
    equal(new Set(everything(got)).size, 10);
    equal(messagesOf(made.take(alice)).length, 0);
  });

  it('never gives less than it promises: a pool that is plain gets nothing, but where receipts are asked for', async () => {
    const { made, got } = await network({ behind: { delivery: deliverySettings() } });
    send(made, 'm1');
    await made.pass(2_000);
    deepEqual(tally(made, front), [1, 0, 0, 0]);
    deepEqual(everything(got), []);
    const pool = made.node(front).router?.pools.get('jobs');
    const [member] = pool?.roster ?? [];
    ok(pool !== undefined && member !== undefined);
    equal(obstacleOf(pool, member), 'cannot-acknowledge');
    match(obstacleInWords(pool, member, 'cannot-acknowledge'), /a pool that does not deliver at least once/);
    const asked = await network({
      front: { delivery: durable({ ack: 'receipt' }) },
      behind: { delivery: deliverySettings() },
    });
    send(asked.made, 'm1', request);
    await asked.made.pass(2_000);
    deepEqual(tally(asked.made, front), [1, 1, 0, 0]);
    equal(childOf(messagesOf(asked.made.take(alice))[0], 'received')?.attrs['id'], 'm1');
  });

  it('takes the word that it is on disk from pools alone: a worker says that it has done it', async () => {
    const { made, habits } = await network();
    habits.receipts = false;
    send(made, 'm1', request);
    await made.settle();
    const [got] = messagesOf(made.take('w@work.example/p1'));
    const word = `<queued xmlns='urn:x-switchyard:delivery:0' id='${got?.attrs['id']}'/>`;
    made.send(`<message from='w@work.example/p1' to='${got?.attrs['from']}'>${word}</message>`);
    await made.settle();
    deepEqual(tally(made, p1), [1, 0, 0, 0]);
    equal(made.node(p1).out.events.get('acknowledgement-foreign'), 1);
  });

  it('has an order and a worker by sender, not by the pool that he wrote to', async () => {
    const { made, habits, got } = await network({
      behind: { algorithm: 'sticky', delivery: durable({ ordering: 'sender' }) },
    });
    habits.receipts = false;
    for (const who of ['alice', 'bob', 'carol', 'dave']) send(made, who, '', `${who}@home.example/x`);
    await made.settle();
    // None of them waits for the others.
    equal(everything(got).length, 4);
  });
});
