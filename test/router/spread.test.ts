import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { PoolSettings, StaticMember } from '../../src/core/settings.ts';
import { bodyOf, childOf, messagesOf, PoolNetwork } from '../support/models/pool-network.ts';
import { poolSettings } from './house.ts';

const alice = 'alice@home.example/phone';
const front = 'front.example';
const [p1, p2] = ['p1.example', 'p2.example'];

function fixed(jid: string, changes: Partial<StaticMember> = {}): StaticMember {
  return { jid, weight: 1, label: undefined, capacity: 1000, ...changes };
}

function fronting(changes: Partial<PoolSettings> = {}): PoolSettings {
  return poolSettings({ workers: [], members: [fixed(`jobs@${p1}`), fixed(`jobs@${p2}`)], ...changes });
}

/** A front over two pools, each with one worker: `w@work.example/p1` and `/p2`. */
async function network(changes: Partial<PoolSettings> = {}, behind: Partial<PoolSettings> = {}): Promise<PoolNetwork> {
  const made = new PoolNetwork();
  made.client(alice);
  for (const domain of [p1, p2]) {
    await made.add(domain, poolSettings(behind));
    join(made, domain);
  }
  await made.settle();
  await made.add(front, fronting(changes));
  await made.pass(3_000);
  return made;
}

function join(made: PoolNetwork, domain: string, resource = domain.split('.')[0] ?? ''): void {
  const jid = `w@work.example/${resource}`;
  made.client(jid);
  made.send(`<presence from='${jid}' to='jobs@${domain}'/>`);
}

function send(made: PoolNetwork, id: string, to = `jobs@${front}`, inner = ''): void {
  made.send(`<message type='chat' from='${alice}' to='${to}' id='${id}'><body>${id}</body>${inner}</message>`);
}

/** Bodies that a worker got. */
function bodies(made: PoolNetwork, worker: string): readonly string[] {
  return messagesOf(made.take(`w@work.example/${worker}`)).map(bodyOf);
}

describe('router: a pool that spreads over pools of other domains', () => {
  it('deals to them as to workers, with its mark in every message', async () => {
    const made = await network();
    for (let n = 0; n < 6; n += 1) send(made, `m${n}`);
    await made.settle();
    const [first, second] = ['p1', 'p2'].map((name) => messagesOf(made.take(`w@work.example/${name}`)));
    equal(first?.length, 3);
    equal(second?.length, 3);
    for (const got of [...(first ?? []), ...(second ?? [])]) {
      const from = String(got.attrs['from']);
      ok(from.endsWith(`/jobs@${front}/${alice}`), from);
      equal(childOf(got, 'hop')?.attrs['via'], `jobs@${front}`);
    }
    equal(made.node(front).out.outcomes.filter(({ outcome }) => outcome.kind === 'forwarded').length, 6);
  });

  it('gives answers to the sender from the member, and what he says to it to the worker that answered', async () => {
    const made = await network();
    join(made, p1, 'other');
    await made.settle();
    send(made, 'm1');
    await made.settle();
    const [got] = messagesOf(made.take('w@work.example/p1'));
    made.send(
      `<message type='chat' from='w@work.example/p1' to='${got?.attrs['from']}' id='r1'><body>coming</body></message>`,
    );
    await made.settle();
    const [answer] = messagesOf(made.take(alice));
    equal(answer?.attrs['from'], `jobs@${front}/~p1`);
    equal(bodyOf(answer), 'coming');
    for (let n = 2; n < 8; n += 1) send(made, `m${n}`, `jobs@${front}/~p1`);
    await made.settle();
    deepEqual(bodies(made, 'p1'), ['m2', 'm3', 'm4', 'm5', 'm6', 'm7']);
    deepEqual(bodies(made, 'other'), []);
    // What the sender's server returns goes back to the worker that wrote it.
    made.send(
      `<message type='error' from='${alice}' to='jobs@${front}/~p1' id='r1'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
    );
    await made.settle();
    equal(messagesOf(made.take('w@work.example/p1'))[0]?.attrs['type'], 'error');
  });

  it('passes on receipts, chat states and corrections to and from the one worker', async () => {
    const made = await network();
    send(made, 'm1', undefined, "<request xmlns='urn:xmpp:receipts'/>");
    await made.settle();
    const [got] = messagesOf(made.take('w@work.example/p1'));
    const reply = (inner: string): void => {
      made.send(`<message type='chat' from='w@work.example/p1' to='${got?.attrs['from']}' id='r'>${inner}</message>`);
    };
    reply("<received xmlns='urn:xmpp:receipts' id='m1'/>");
    reply("<composing xmlns='http://jabber.org/protocol/chatstates'/>");
    await made.settle();
    const told = messagesOf(made.take(alice));
    deepEqual(
      told.map((stanza) => stanza.getChildElements()[0]?.getName()),
      ['received', 'composing'],
    );
    equal(childOf(told[0], 'received')?.attrs['id'], 'm1');
    for (const n of [2, 3]) {
      send(made, `c${n}`, undefined, "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>");
      made.send(
        `<message type='chat' from='${alice}' to='jobs@${front}'><active xmlns='http://jabber.org/protocol/chatstates'/></message>`,
      );
    }
    await made.settle();
    equal(messagesOf(made.take('w@work.example/p1')).length, 4);
    equal(messagesOf(made.take('w@work.example/p2')).length, 0);
  });

  it('sees by their presence which of them have workers', async () => {
    const made = await network();
    made.send(`<presence type='unavailable' from='w@work.example/p1' to='jobs@${p1}'/>`);
    await made.pass(1_500);
    for (let n = 0; n < 4; n += 1) send(made, `m${n}`);
    await made.settle();
    deepEqual(bodies(made, 'p2'), ['m0', 'm1', 'm2', 'm3']);
    made.send(`<presence type='unavailable' from='w@work.example/p2' to='jobs@${p2}'/>`);
    await made.pass(1_500);
    send(made, 'm5');
    await made.settle();
    const [refused] = messagesOf(made.take(alice));
    ok(childOf(childOf(refused, 'error'), 'recipient-unavailable'));
    join(made, p1);
    await made.pass(1_500);
    send(made, 'm6');
    await made.settle();
    deepEqual(bodies(made, 'p1'), ['m6']);
  });

  it('takes to another what one that is gone sends back, and finds it again when it is', async () => {
    const made = await network();
    made.node(p1).kill();
    for (let n = 0; n < 4; n += 1) send(made, `m${n}`);
    await made.settle();
    deepEqual([...bodies(made, 'p2')].sort(), ['m0', 'm1', 'm2', 'm3']);
    equal(messagesOf(made.take(alice)).length, 0);
    const standing = (): unknown => made.node(front).router?.pools.get('jobs')?.roster.get(`jobs@${p1}`)?.far?.standing;
    equal(standing(), 'unreachable');
    await made.node(p1).start();
    await made.pass(15_000);
    equal(standing(), 'available');
    for (let n = 4; n < 8; n += 1) send(made, `m${n}`);
    await made.settle();
    equal(bodies(made, 'p1').length, 2);
  });

  it('asks all of them again after it was started anew, and forgets nothing that it did not know', async () => {
    const made = await network();
    made.node(front).kill();
    await made.node(front).start();
    const pool = made.node(front).router?.pools.get('jobs');
    deepEqual(
      [...(pool?.roster ?? [])].map(({ jid, label }) => [jid, label]),
      [
        [`jobs@${p1}`, 'p1'],
        [`jobs@${p2}`, 'p2'],
      ],
    );
    // Before they have shown themselves the message waits; then it goes.
    send(made, 'm1');
    await made.settle();
    equal(bodies(made, 'p1').length + bodies(made, 'p2').length, 1);
  });

  it('tells why one gets nothing: refused, moved, silent', async () => {
    const made = new PoolNetwork();
    await made.add(p1, poolSettings({ senders: ['*@else.example'] }));
    await made.add(p2, poolSettings({ moved: { to: 'jobs@new.example', permanent: true } }));
    await made.add(
      front,
      fronting({ members: [fixed(`jobs@${p1}`), fixed(`jobs@${p2}`), fixed('jobs@nowhere.example')] }),
    );
    await made.pass(12_000);
    const pool = made.node(front).router?.pools.get('jobs');
    deepEqual(
      [...(pool?.roster ?? [])].map(({ far, state }) => [far?.standing, state]),
      [
        ['refused', 'suspended'],
        ['moved', 'suspended'],
        ['silent', 'suspended'],
      ],
    );
    const texts = made
      .node(front)
      .out.notices.map(({ text }) => text)
      .join('\n');
    match(texts, /jobs@p2\.example: it says that it has moved; write its new address/);
    equal(pool?.eligible, 0);
  });

  it('goes to the next when one has moved, and says where to look', async () => {
    const made = await network();
    made.node(p1).reload([poolSettings({ moved: { to: 'jobs@new.example', permanent: false } })]);
    for (let n = 0; n < 4; n += 1) send(made, `m${n}`);
    await made.settle();
    deepEqual([...bodies(made, 'p2')].sort(), ['m0', 'm1', 'm2', 'm3']);
    equal(made.node(front).router?.pools.get('jobs')?.roster.get(`jobs@${p1}`)?.far?.standing, 'moved');
    equal(messagesOf(made.take(alice)).length, 0);
    // The front itself may move: its senders are told, and no member is asked.
    made.node(front).reload([fronting({ moved: { to: 'jobs@other.example', permanent: true } })]);
    send(made, 'm5');
    await made.settle();
    ok(childOf(childOf(messagesOf(made.take(alice))[0], 'error'), 'gone'));
  });

  it('asks soon again for one that was started after it', async () => {
    const made = new PoolNetwork();
    const node = await made.add(p1, poolSettings());
    node.kill();
    await made.add(front, fronting({ members: [fixed(`jobs@${p1}`)] }));
    await made.settle();
    await node.start();
    join(made, p1);
    await made.pass(4_000);
    send(made, 'm1');
    await made.settle();
    deepEqual(bodies(made, 'p1'), ['m1']);
  });

  it('adds and removes them by a reload', async () => {
    const made = await network();
    made.node(front).reload([fronting({ members: [fixed(`jobs@${p2}`, { weight: 5, label: 'second' })] })]);
    await made.settle();
    const pool = made.node(front).router?.pools.get('jobs');
    deepEqual(
      [...(pool?.roster ?? [])].map(({ jid, label, configuredWeight }) => [jid, label, configuredWeight]),
      [[`jobs@${p2}`, 'second', 5]],
    );
    // The one that is gone does not show itself to this pool any more.
    equal(made.node(p1).router?.pools.get('jobs')?.jid, `jobs@${p1}`);
    made.node(front).reload([fronting()]);
    await made.settle();
    for (let n = 0; n < 4; n += 1) send(made, `m${n}`);
    await made.settle();
    deepEqual([bodies(made, 'p1').length, bodies(made, 'p2').length], [2, 2]);
  });

  it('hides senders behind aliases, also from the pools that it spreads over', async () => {
    const made = await network({ identity: 'alias' });
    send(made, 'm1');
    await made.settle();
    const [got] = messagesOf(made.take('w@work.example/p1'));
    const text = made.textOf(got);
    ok(text.includes('<body>m1</body>') && !text.includes('alice'), text);
    made.send(
      `<message type='chat' from='w@work.example/p1' to='${got?.attrs['from']}' id='r1'><body>hi</body></message>`,
    );
    await made.settle();
    equal(bodyOf(messagesOf(made.take(alice))[0]), 'hi');
  });

  it('carries senders whose nested address would be too long by an alias', async () => {
    const made = await network();
    const long = `alice@home.example/${'x'.repeat(990)}`;
    made.send(`<message type='chat' from='${long}' to='jobs@${front}' id='m1'><body>m1</body></message>`);
    await made.settle();
    const [got] = messagesOf(made.take('w@work.example/p1'));
    match(String(got?.attrs['from']), /^jobs@p1\.example\/![a-z2-7]+$/);
    made.send(
      `<message type='chat' from='w@work.example/p1' to='${got?.attrs['from']}' id='r1'><body>hi</body></message>`,
    );
    await made.settle();
    equal(messagesOf(made.take(long))[0]?.attrs['from'], `jobs@${front}/~p1`);
  });

  it('passes requests on and their answers back, and ends those that go round', async () => {
    const requests = { mode: 'proxy', namespaces: ['urn:example:work'], timeout: 30_000, redirects: [] } as const;
    const made = await network({ requests }, { requests });
    const ask = (id: string, to: string): void => {
      made.send(`<iq type='get' from='${alice}' to='jobs@${to}' id='${id}'><job xmlns='urn:example:work'/></iq>`);
    };
    ask('q1', front);
    await made.settle();
    const answers = (): readonly unknown[] =>
      made
        .take(alice)
        .filter((stanza) => stanza.is('iq'))
        .map(({ attrs }) => [attrs['id'], attrs['type'], attrs['from']]);
    deepEqual(answers(), [['q1', 'result', `jobs@${front}`]]);
    const ring = ['a.example', 'b.example', 'c.example', 'd.example'];
    const next = (at: number): readonly StaticMember[] => [fixed(`jobs@${ring[(at + 1) % ring.length]}`)];
    for (const [at, domain] of ring.entries()) {
      // Workers show the ring as available, and leave.
      await made.add(domain, poolSettings({ requests, members: next(at) }));
      join(made, domain, domain);
    }
    await made.pass(3_000);
    for (const domain of ring)
      made.send(`<presence type='unavailable' from='w@work.example/${domain}' to='jobs@${domain}'/>`);
    await made.settle();
    ask('q2', 'a.example');
    await made.settle();
    deepEqual(answers(), [['q2', 'error', 'jobs@a.example']]);
    const ends = ring.flatMap((domain) => made.node(domain).out.outcomes.map(({ outcome }) => outcome));
    ok(ends.some((outcome) => outcome.kind === 'bounced' && outcome.reason === 'loop'));
  });

  it('mixes them with workers of its own, and gives `all` to each', async () => {
    const made = await network({ workers: ['*@work.example'] });
    join(made, front, 'own');
    await made.settle();
    for (let n = 0; n < 6; n += 1) send(made, `m${n}`);
    await made.settle();
    deepEqual(
      ['p1', 'p2', 'own'].map((worker) => bodies(made, worker).length),
      [2, 2, 2],
    );
    send(made, 'm7', undefined, "<cmr xmlns='urn:xmpp:cmr:0' algorithm='urn:xmpp:cmr:weighted'/>");
    await made.settle();
    const all = await network({ algorithm: 'all' });
    send(all, 'm1');
    await all.settle();
    deepEqual([bodies(all, 'p1'), bodies(all, 'p2')], [['m1'], ['m1']]);
  });
});
