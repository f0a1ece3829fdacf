import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { domain, HostileServer, jobs, sender, summary, until, worker } from './hostile-server.ts';

const ping = "<ping xmlns='urn:xmpp:ping'/>";
const huge = 600 * 1024;

describe('a hostile server: stanzas', () => {
  let server: HostileServer;

  before(async () => {
    server = await HostileServer.start();
    await server.join();
  });

  afterEach(async () => {
    equal(server.fake.connections, 1, 'the link was kept');
    await server.assertSound();
  });

  after(async () => {
    await server?.stop();
  });

  const to = `from='${sender}' to='${domain}'`;
  const toJobs = `from='${sender}' to='${jobs}'`;
  const error = "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
  /** What it is, the stanza, how it is counted, and what is answered. */
  const cases: readonly (readonly [string, string, string, string?])[] = [
    [
      'an IQ with two children',
      `<iq ${to} type='get' id='s1'>${ping}${ping}</iq>`,
      'bounced/malformed-request',
      'iq error bad-request',
    ],
    ['an IQ without a child', `<iq ${to} type='get' id='s2'/>`, 'bounced/malformed-request', 'iq error bad-request'],
    [
      'an IQ with text alone',
      `<iq ${to} type='set' id='s3'>x</iq>`,
      'bounced/malformed-request',
      'iq error bad-request',
    ],
    ['an IQ without id', `<iq ${to} type='get'>${ping}</iq>`, 'bounced/malformed-request', 'iq error bad-request'],
    ['an IQ without type', `<iq ${to} id='s4'>${ping}</iq>`, 'bounced/malformed-request', 'iq error bad-request'],
    [
      'an IQ of an unknown type',
      `<iq ${to} type='GET' id='s5'>${ping}</iq>`,
      'bounced/malformed-request',
      'iq error bad-request',
    ],
    [
      'a set of what can only be got',
      `<iq ${to} type='set' id='s6'>${ping}</iq>`,
      'bounced/wrong-element',
      'iq error feature-not-implemented',
    ],
    [
      'a request that nobody knows',
      `<iq ${to} type='get' id='s7'><x xmlns='urn:x'/></iq>`,
      'bounced/unknown-request',
      'iq error service-unavailable',
    ],
    [
      'a request without a namespace',
      `<iq ${to} type='get' id='s8'><x/></iq>`,
      'bounced/unknown-request',
      'iq error service-unavailable',
    ],
    ['a result that nobody asked for', `<iq ${to} type='result' id='s9'/>`, 'dropped/response-unmatched'],
    [
      'an error that nobody asked for',
      `<iq ${to} type='error' id='err-1'>${ping}${error}</iq>`,
      'dropped/response-unmatched',
    ],
    ['an error without an error', `<iq ${to} type='error' id='err-2'/>`, 'dropped/response-unmatched'],
    ['a result to a pool', `<iq ${toJobs} type='result' id='s10'/>`, 'dropped/response-unmatched'],
    [
      'an error message to the domain',
      `<message ${to} type='error' id='err-3'>${error}</message>`,
      'dropped/error-to-service',
    ],
    [
      'an error message to a pool',
      `<message ${toJobs} type='error' id='err-4'>${error}</message>`,
      'dropped/error-unmatched',
    ],
    [
      'an error presence to a pool',
      `<presence ${toJobs} type='error' id='err-5'>${error}</presence>`,
      'dropped/error-unmatched',
    ],
    ['a presence of an unknown type', `<presence ${toJobs} type='hello' id='s11'/>`, 'dropped/presence-ignored'],
    [
      'a message to the domain',
      `<message ${to} id='s12'><body>x</body></message>`,
      'bounced/service-address',
      'message error service-unavailable',
    ],
    [
      'a groupchat message',
      `<message ${toJobs} type='groupchat' id='s13'><body>x</body></message>`,
      'bounced/groupchat',
      'message error service-unavailable',
    ],
    [
      'a message of an unknown type',
      `<message ${toJobs} type='foo' id='s14'><body>x</body></message>`,
      'forwarded',
      'message',
    ],
    ['an element that is no stanza', `<foo ${toJobs} id='s15'><body>x</body></foo>`, 'dropped/unknown-element'],
    ['stream features', '<stream:features><x/></stream:features>', 'dropped/unknown-element'],
    ['a second handshake', '<handshake/>', 'dropped/unknown-element'],
    [
      'a message of the namespace of servers',
      `<message xmlns='jabber:server' ${toJobs} id='s16'/>`,
      'dropped/unknown-element',
    ],
    ['a message of any namespace', `<message xmlns='urn:x' ${toJobs} id='s17'/>`, 'dropped/unknown-element'],
    ['a message whose prefix says so', `<x:message xmlns:x='urn:x' ${toJobs} id='s18'/>`, 'dropped/unknown-element'],
    ['a message whose prefix is that of the stream', `<stream:message ${toJobs} id='s19'/>`, 'dropped/unknown-element'],
    [
      'a prefix that nobody declared',
      `<message ${toJobs} id='s20'><x:body>x</x:body></message>`,
      'dropped/unknown-element',
    ],
    ['an IQ whose prefix nobody declared', `<iq ${to} type='get' id='s21'><y:ping/></iq>`, 'dropped/unknown-element'],
    [
      'a stanza of clients',
      `<message xmlns='jabber:client' ${toJobs} id='s22'><body>x</body></message>`,
      'forwarded',
      'message',
    ],
    [
      'a prefixed stanza of components',
      `<c:message xmlns:c='jabber:component:accept' ${toJobs} id='s23'><c:body>x</c:body></c:message>`,
      'forwarded',
      'message',
    ],
    ['a message without content', `<message ${toJobs} id='s24'/>`, 'forwarded', 'message'],
    [
      'a subscription to the service',
      `<presence ${to} type='subscribe' id='s25'/>`,
      'bounced/subscribe-unsupported',
      'presence unsubscribed',
    ],
    ['a probe', `<presence ${toJobs} type='probe' id='s26'/>`, 'bounced/subscribe-refused', 'presence unsubscribed'],
    [
      'a join of one who may not',
      `<presence ${toJobs} id='s27'/>`,
      'bounced/join-forbidden',
      'presence error forbidden',
    ],
    ['a leave of one who never came', `<presence ${toJobs} type='unavailable' id='s28'/>`, 'consumed'],
    [
      'an id of quotes and ampersands',
      `<iq ${to} type='get' id="&apos;&quot;&amp;&lt;&gt;&#9;">${ping}</iq>`,
      'answered',
      'iq result',
    ],
  ];
  for (const [what, stanza, outcome, answer] of cases) {
    it(`${answer === undefined ? 'takes' : 'answers'} ${what}: ${outcome}`, async () => {
      const { written, outcomes } = await server.reaction(stanza);
      deepEqual(outcomes, { [outcome]: 1 });
      deepEqual(written.map(summary), answer === undefined ? [] : [answer]);
      if (answer !== 'message') for (const { attrs } of written) equal(attrs['to'], sender);
    });
  }

  it('brings an odd id back as it was', async () => {
    const { written } = await server.reaction(`<iq ${to} type='get' id="'&quot;&amp;&lt;&gt;&#10;🐝">${ping}</iq>`);
    equal(written[0]?.attrs['id'], '\'"&<>\n🐝');
  });

  it('takes a forged answer to a ping of its own for no answer', async () => {
    server.answersPings = false;
    const one = 'worker@localhost/forged';
    const { written } = await server.reaction(`<presence from='${one}' to='${jobs}' id='j1'/>`);
    const id = written.find(({ name }) => name === 'iq')?.attrs['id'];
    ok(id !== undefined);
    for (const from of ['worker@localhost', 'worker@localhost/other', 'mallory@evil.example/x', 'evil.example']) {
      for (const type of ['result', 'error']) {
        const forged = await server.reaction(`<iq type='${type}' from='${from}' to='${jobs}' id='${id}'/>`);
        deepEqual([forged.written, forged.outcomes], [[], { 'dropped/response-unmatched': 1 }]);
      }
    }
    const { outcomes } = await server.reaction(`<iq type='result' from='${one}' to='${jobs}' id='${id}'/>`);
    deepEqual(outcomes, { consumed: 1 });
    const again = await server.reaction(`<iq type='result' from='${one}' to='${jobs}' id='${id}'/>`);
    deepEqual(again.outcomes, { 'dropped/response-unmatched': 1 });
    await server.reaction(`<presence from='${one}' to='${jobs}' type='unavailable'/>`);
    server.answersPings = true;
  });

  it('takes a forged answer to its self-test for no answer', async () => {
    const [ping = ''] = /<iq [^>]*to='pools\.localhost'[^>]*>/.exec(server.connection.received) ?? [];
    const id = / id='([^']+)'/.exec(ping)?.[1];
    ok(id !== undefined);
    for (const from of ['mallory@evil.example/x', 'localhost', `x@${domain}.evil`]) {
      const { outcomes } = await server.reaction(`<iq type='result' from='${from}' to='${domain}' id='${id}'/>`);
      deepEqual(outcomes, { 'dropped/response-unmatched': 1 });
    }
    equal((await server.router.get('/readyz')).status, 200);
  });

  it('relays nothing for a worker to whom it gave nothing of that sender', async () => {
    for (const target of ['victim@evil.example/r', 'evil.example', worker, `jobs@${domain}`, 'a@b@c', '&lt;x&gt;@b']) {
      const stanza = `<message from='${worker}' to='${jobs}/${target}' id='r-${target}'><body>x</body></message>`;
      const { written } = await server.reaction(stanza);
      equal(written.length, 1);
      equal(written[0]?.attrs['to'], worker);
      match(written.map(summary).join(), /^message error (forbidden|jid-malformed)$/);
    }
  });

  it('refuses an oversized stanza, and reads the valid one right behind it', async () => {
    const big = `<message ${toJobs} id='b1'><body>${'x'.repeat(huge)}</body></message>`;
    const next = `<message ${toJobs} id='b2'><body>next</body></message>`;
    const { written, outcomes } = await server.reaction(big + next);
    deepEqual(outcomes, { 'bounced/too-large': 1, forwarded: 1 });
    deepEqual(
      written.map(({ attrs }) => attrs['id']),
      ['b1', 'b2'],
    );
    deepEqual(written.map(summary), ['message error policy-violation', 'message']);
  });

  it('never answers an oversized error, result, presence or headline', async () => {
    const filler = 'x'.repeat(huge);
    for (const stanza of [
      `<message ${toJobs} type='error' id='err-6'><body>${filler}</body></message>`,
      `<message ${toJobs} type='headline' id='b3'><body>${filler}</body></message>`,
      `<iq ${to} type='result' id='b4'><x xmlns='${filler}'/></iq>`,
      `<iq ${to} type='error' id='err-7'><x>${filler}</x></iq>`,
      `<presence ${toJobs} id='b5'><status>${filler}</status></presence>`,
    ]) {
      const { written, outcomes } = await server.reaction(stanza);
      deepEqual([written, outcomes], [[], { 'dropped/shed': 1 }], stanza.slice(0, 100));
    }
  });

  it('takes an oversized attribute, name and open tag', async () => {
    const filler = 'x'.repeat(huge);
    for (const stanza of [
      `<message x='${filler}' ${toJobs} id='b6'/>`,
      `<message ${toJobs} id='b7' x='${filler}'/>`,
      `<message ${toJobs} id='${filler}'/>`,
      `<message ${toJobs} id='b8'><${filler}/></message>`,
      `<${filler}></${filler}>`,
      `<message from='${sender}' to='${jobs}/${filler}' id='b9'/>`,
    ]) {
      const { outcomes, written } = await server.reaction(stanza);
      equal(
        Object.values(outcomes).reduce((sum, count) => sum + count, 0),
        1,
        JSON.stringify(outcomes),
      );
      ok(written.length <= 1);
    }
  });

  it('refuses a stanza of 10 000 levels, and reads the valid one right behind it', async () => {
    const deep = `<message ${toJobs} id='d1'>${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}</message>`;
    const request = `<iq ${to} type='get' id='d2'>${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}</iq>`;
    const next = `<message ${toJobs} id='d3'><body>next</body></message>`;
    const { written, outcomes } = await server.reaction(deep + request + next);
    deepEqual(outcomes, { 'bounced/too-deep': 2, forwarded: 1 });
    deepEqual(written.map(summary), ['message error policy-violation', 'iq error policy-violation', 'message']);
  });

  it('refuses what would be too large with what it adds, and writes nothing of it', async () => {
    const body = 'x'.repeat(480 * 1024 - 120);
    const { written, outcomes } = await server.reaction(`<message ${toJobs} id='b10'><body>${body}</body></message>`);
    deepEqual(outcomes, { 'bounced/too-large': 1 });
    deepEqual(written.map(summary), ['message error policy-violation']);
  });

  it('reads stanzas that come byte by byte', async () => {
    const stanzas = [
      `<message ${toJobs} id='y1' type='chat'><body>grüß 🐝 &amp; <![CDATA[<]]>]]></body></message>`.replace(
        '<]]>]]>',
        '<x>]]>',
      ),
      `<iq ${to} type='get' id='y2'>${ping}</iq>`,
      `<presence from='${worker}' to='${jobs}'><priority>3</priority></presence>`,
    ];
    const bytes = Buffer.from(stanzas.join(''));
    const { written, outcomes } = await server.reaction([...bytes].map((byte) => Buffer.of(byte)));
    deepEqual(outcomes, { forwarded: 1, answered: 1, consumed: 1 });
    equal(written[0]?.getChildElements()[0]?.getText(), 'grüß 🐝 & <x>');
  });

  it('takes 2000 stanzas in one chunk, each to its end and in order', async () => {
    const many = Array.from({ length: 2000 }, (_, n) => `<message ${toJobs} id='n${n}'><body>${n}</body></message>`);
    const { written, outcomes } = await server.reaction(many.join(''));
    deepEqual(outcomes, { forwarded: 2000 });
    deepEqual(
      written.map(({ attrs }) => attrs['id']),
      many.map((_, n) => `n${n}`),
    );
  });

  it('takes thousands of joins and leaves in one chunk', async () => {
    const flock = Array.from({ length: 2000 }, (_, n) => `bird${n}@flock.example/r`);
    const joins = flock.map((jid) => `<presence from='${jid}' to='${jobs}'/>`).join('');
    const leaves = flock.map((jid) => `<presence from='${jid}' to='${jobs}' type='unavailable'/>`).join('');
    await server.reaction(joins);
    equal(await server.router.metric('switchyard_pool_members', { pool: 'jobs' }), 2001);
    await server.reaction(leaves + joins + leaves);
    await until(async () => (await server.router.metric('switchyard_store_pending_rows')) === 0);
    await server.reaction();
    equal(await server.router.metric('switchyard_pool_members', { pool: 'jobs' }), 1);
    equal(await server.router.metric('switchyard_pool_eligible_workers', { pool: 'jobs' }), 1);
    equal(await server.router.metric('switchyard_store_failures_total'), 0);
    const { written } = await server.reaction(`<message ${toJobs} id='after'><body>x</body></message>`);
    deepEqual(
      written.map(({ attrs }) => attrs['to']),
      [worker],
    );
  });

  it('answers any order of words about subscriptions, and keeps nothing of a stranger', async () => {
    const words = [
      'subscribed',
      'unsubscribe',
      'subscribe',
      'subscribe',
      'probe',
      'unsubscribed',
      'unsubscribe',
      'probe',
    ];
    for (const pool of ['jobs', 'closed', 'missing']) {
      for (const from of ['fan@localhost', 'fan@localhost/r', 'evil.example']) {
        const stanzas = words.map((type) => `<presence from='${from}' to='${pool}@${domain}' type='${type}'/>`);
        const { outcomes } = await server.reaction(stanzas.join(''));
        equal(
          Object.values(outcomes).reduce((sum, count) => sum + count, 0),
          words.length,
        );
        // What waits for the disk is written behind the marker, and must not be met in the next round.
        await until(async () => (await server.router.metric('switchyard_store_pending_rows')) === 0);
        const { texts } = await server.reaction();
        if (pool !== 'jobs') ok(!texts.some((text) => /'(subscribed|subscribe)'/.test(text)), texts.join(''));
      }
    }
    const { written } = await server.reaction(`<presence from='${worker}' to='${jobs}' type='unavailable'/>`);
    deepEqual(written, []);
  });

  it('tells in the log what it drops, and not without end', () => {
    ok(server.router.log.length < 500, `${server.router.log.length} lines`);
  });
});
