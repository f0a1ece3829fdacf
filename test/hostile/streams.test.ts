import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { HostileServer, jobs, sender, until, worker } from './hostile-server.ts';

const open = `<message from='${sender}' to='${jobs}'`;
const streams = 'urn:ietf:params:xml:ns:xmpp-streams';

/** What no XMPP stream may hold, and what the server is told of it. */
const poison: readonly (readonly [string, string | Uint8Array, string])[] = [
  ['a document type declaration', '<!DOCTYPE x>', 'restricted-xml'],
  [
    'an entity bomb',
    `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><message>&b;</message>`,
    'restricted-xml',
  ],
  ['a declared entity in a stanza', `${open} id='p'><body>&lol;</body></message>`, 'not-well-formed'],
  ['an undeclared entity in an attribute', `${open} id='&lol;'/>`, 'not-well-formed'],
  ['a processing instruction', '<?php phpinfo() ?>', 'restricted-xml'],
  ['a second XML declaration', `<?xml version='1.0'?>`, 'restricted-xml'],
  ['a comment between stanzas', '<!-- x -->', 'restricted-xml'],
  ['a comment in a stanza', `${open}><body><!-- x --></body></message>`, 'restricted-xml'],
  ['text between stanzas', 'hello', 'not-well-formed'],
  ['a byte that is no UTF-8', Buffer.concat([Buffer.from(`${open}><body>`), Buffer.of(0xff)]), 'not-well-formed'],
  ['an overlong NUL', Buffer.concat([Buffer.from(`${open}><body>`), Buffer.of(0xc0, 0x80)]), 'not-well-formed'],
  [
    'half a surrogate pair',
    Buffer.concat([Buffer.from(`${open} id='`), Buffer.of(0xed, 0xa0, 0x80), Buffer.from(`'/>`)]),
    'not-well-formed',
  ],
  ['half a surrogate pair by its number', `${open}><body>&#xD800;</body></message>`, 'not-well-formed'],
  ['NUL by its number', `${open} id='&#0;'/>`, 'not-well-formed'],
  ['a control character', `${open}><body>\u0001</body></message>`, 'not-well-formed'],
  ['an end tag of another element', `${open}><body></message></body>`, 'not-well-formed'],
  ['an end tag too many', '</message>', 'not-well-formed'],
  ['an attribute twice', `${open} id='a' id='b'/>`, 'not-well-formed'],
  ['an attribute without quotes', `${open} id=a/>`, 'not-well-formed'],
  ['a < in an attribute', `${open} id='<'/>`, 'not-well-formed'],
  [
    'a stream error within a stanza',
    `${open}><body>x<stream:error><reset xmlns='${streams}'/></stream:error></stream:stream>`,
    'not-well-formed',
  ],
];

describe('a hostile server: streams', () => {
  let server: HostileServer;
  let ids = 0;
  const valid = (): string => {
    ids += 1;
    return `${open} id='v${ids}'><body>x</body></message>`;
  };

  /** The link is up again, the worker was not forgotten, and messages flow. */
  async function recovers(): Promise<void> {
    await server.reattached();
    const { written, outcomes } = await server.reaction(valid());
    const forwards = written.filter(({ name }) => name === 'message');
    deepEqual(
      forwards.map(({ attrs }) => [attrs['to'], attrs['id']]),
      [[worker, `v${ids}`]],
    );
    equal(outcomes['forwarded'], 1);
  }

  before(async () => {
    server = await HostileServer.start();
    await server.join();
  });

  afterEach(async () => {
    await server.assertSound();
  });

  after(async () => {
    await server?.stop();
  });

  for (const [what, bytes, condition] of poison) {
    it(`gives the stream up for ${what}, and comes back`, async () => {
      const { connection } = server;
      const lines = server.router.log.length;
      const before = await server.router.metric('switchyard_stanzas_received_total', { kind: 'message' });
      // One that is whole, and one that comes too late, in the same write.
      server.send(Buffer.concat([Buffer.from(valid()), Buffer.from(bytes), Buffer.from(valid())]));
      const late = ids;
      await connection.end();
      match(
        connection.received,
        new RegExp(`<stream:error><${condition} xmlns='${streams}'/></stream:error></stream:stream>$`),
      );
      const handled = connection.received.includes(`id='v${late - 1}'`);
      // Bytes that are no UTF-8 take with them what came in the same read.
      ok(handled || typeof bytes !== 'string', 'what came before was handled');
      ok(!connection.received.includes(`id='v${late}'`), 'what came after was not');
      await recovers();
      equal(
        await server.router.metric('switchyard_stanzas_received_total', { kind: 'message' }),
        before + (handled ? 2 : 1),
      );
      const told = () => server.router.log.slice(lines).filter((line) => line['problem'] === 'framing');
      // What it logs comes another way than what it writes, and may come later.
      await until(() => told().length > 0);
      equal(told().length, 1);
      match(String(told()[0]?.['msg']), new RegExp(condition));
      match(String(told()[0]?.['advice']), /log of the server/);
      // What the poison was is not for the log: it is somebody's message.
      ok(!JSON.stringify(told()).includes('phpinfo'));
    });
  }

  const ends: readonly (readonly [string, (hostile: HostileServer) => void, string])[] = [
    ['</stream:stream>', ({ connection }) => connection.send('</stream:stream>'), 'closed'],
    [
      '</stream:stream> and FIN',
      ({ connection }) => {
        connection.send('</stream:stream>');
        connection.halfClose();
      },
      'closed',
    ],
    ['FIN', ({ connection }) => connection.halfClose(), 'closed'],
    ['RST', ({ connection }) => connection.reset(), 'closed'],
    [
      'FIN within a stanza',
      ({ connection }) => {
        connection.send(`${open}><body>x`);
        connection.halfClose();
      },
      'closed',
    ],
    [
      'the stream error system-shutdown',
      ({ connection }) => connection.sendStreamError('system-shutdown'),
      'stream-error',
    ],
    [
      'the stream error policy-violation',
      ({ connection }) => connection.sendStreamError('policy-violation', 'too <b>big</b>'),
      'stream-error',
    ],
    [
      'a stream error of no known condition',
      ({ connection }) => connection.sendStreamError('oops', '🐝\u009b'),
      'stream-error',
    ],
    ['an empty stream error', ({ connection }) => connection.send('<stream:error/></stream:stream>'), 'stream-error'],
    ['the stream error invalid-from', ({ connection }) => connection.sendStreamError('invalid-from'), 'invalid-from'],
    [
      'the stream error see-other-host',
      ({ connection }) =>
        connection.send(`<stream:error><see-other-host xmlns='${streams}'>127.0.0.1:1</see-other-host></stream:error>`),
      'see-other-host',
    ],
    ['the stream error conflict', ({ connection }) => connection.sendStreamError('conflict'), 'conflict'],
  ];
  for (const [what, end, problem] of ends) {
    it(`comes back after ${what}`, async () => {
      const lines = server.router.log.length;
      end(server);
      await recovers();
      const told = () => server.router.log.slice(lines).filter((line) => line['problem'] !== undefined);
      await until(() => told().length > 0);
      deepEqual(
        told().map((line) => line['problem']),
        [problem],
      );
      ok(String(told()[0]?.['advice']).length > 20);
    });
  }

  it('half-reads nothing: a stanza cut by the end of its stream leaves no trace in the next', async () => {
    server.connection.send(`${open} id='cut'><body>half`);
    server.connection.reset();
    await server.reattached();
    const { texts, outcomes } = await server.reaction(valid());
    equal(outcomes['forwarded'], 1);
    ok(!/id='cut'|>half/.test(texts.join('')));
  });

  it('says in /readyz why it is not ready, while the server is away', async () => {
    await server.fake.refuse();
    server.connection.reset();
    await until(async () => (await server.router.get('/readyz')).body.includes('Nothing listens at'));
    const { status, body } = await server.router.get('/readyz');
    equal(status, 503);
    match(body, /"code":"link-down".*Not attached to the XMPP server/);
    equal((await server.router.get('/healthz')).status, 200);
    await server.fake.listen();
    await recovers();
  });
});
