import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { FakeServerConnection } from '../support/servers/fake-server-connection.ts';
import { Harness } from './harness.ts';

const header =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' " +
  "xmlns:stream='http://etherx.jabber.org/streams' id='3BF96D32'>";
const stanzas = "<message from='a@b'><body>gr\u00fc\u00df \u{1f600} &amp; <![CDATA[>]]></body></message><presence/>";
const forms = [
  '<handshake/>',
  '<handshake></handshake>',
  "<handshake xmlns='jabber:component:accept'></handshake>",
  "<handshake xmlns='jabber:component:accept' from='@@' note='>'/>",
];

function sha1(text: string): string {
  return createHash('sha1').update(text, 'utf8').digest('hex');
}

describe('link: handshake', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.start();
  });
  afterEach(async () => {
    await harness.stop();
  });

  it('sends the header of XEP-0114, without a version', async () => {
    harness.link();
    const connection = await harness.server.accept();
    const sent = await connection.header();
    assert.match(sent, /xmlns="jabber:component:accept"/);
    assert.match(sent, /xmlns:stream="http:\/\/etherx\.jabber\.org\/streams"/);
    assert.match(sent, / to="pools\.example\.org"/);
    assert.doesNotMatch(sent.replace(/^<\?xml[^>]*>/, ''), /version|lang/);
  });

  it('answers the vector of XEP-0114', async () => {
    harness.link();
    const connection = await harness.server.accept();
    await connection.header();
    connection.sendHeader('3BF96D32');
    assert.equal(await connection.handshake(), 'aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e');
  });

  for (const secret of ['p\u00e4ssw\u00f6rd', '\u20ac\u4e2d\u6587', '\u{1f511}\u{1f600}', 'a&b<c>\'"', ' ']) {
    it(`hashes the secret ${JSON.stringify(secret)} as UTF-8`, async () => {
      harness.link({ secret });
      const connection = await harness.server.accept();
      await connection.header();
      connection.sendHeader('3BF96D32');
      assert.equal(await connection.handshake(), sha1(`3BF96D32${secret}`));
    });
  }

  it('hashes the stream id after XML unescaping, also outside ASCII and split at every byte', async () => {
    const bytes = Buffer.from(header.replace('3BF96D32', 'a&amp;b&lt;&#x20AC;\u00e9\u{1f600}'), 'utf8');
    for (let cut = 0; cut < bytes.length; cut++) {
      const { link } = harness.link();
      const connection = await harness.server.accept();
      await connection.header();
      await connection.sendChunks([bytes.subarray(0, cut), bytes.subarray(cut)]);
      assert.equal(await connection.handshake(), sha1('a&b<\u20ac\u00e9\u{1f600}test'), `cut at ${cut}`);
      connection.destroy();
      await link.stop();
    }
  });

  async function begin(): Promise<{
    connection: FakeServerConnection;
    arrived: (text: string) => Promise<void>;
    stop: () => Promise<void>;
  }> {
    const { link, sink } = harness.link();
    const connection = await harness.server.accept();
    await connection.header();
    return {
      connection,
      arrived: async (text) => {
        await sink.until(() => sink.text.length >= text.length);
        assert.equal(sink.text, text);
        assert.equal(sink.onlines, 1);
        assert.deepEqual(sink.problems, []);
      },
      stop: async () => {
        connection.destroy();
        await link.stop();
      },
    };
  }

  for (const form of forms) {
    it(`loses and repeats nothing when header, ${form} and stanzas are split at any byte`, async () => {
      const bytes = Buffer.from(header + form + stanzas, 'utf8');
      for (let cut = 0; cut <= bytes.length; cut++) {
        const run = await begin();
        await run.connection.sendChunks([bytes.subarray(0, cut), bytes.subarray(cut)]);
        await run.arrived(stanzas);
        await run.stop();
      }
    });
  }

  it('takes the same stream byte by byte', async () => {
    const run = await begin();
    const bytes = Buffer.from(header + forms[2] + stanzas, 'utf8');
    await run.connection.sendChunks(Array.from(bytes, (byte) => Uint8Array.of(byte)));
    await run.arrived(stanzas);
    await run.stop();
  });

  it('hands over bytes after the handshake unread, whatever they are', async () => {
    const run = await begin();
    const rubbish = '</nothing><<&bogus;\u0000]]> <message';
    run.connection.send(header + forms[0] + rubbish);
    await run.arrived(rubbish);
    run.connection.send(rubbish);
    await run.arrived(rubbish + rubbish);
    await run.stop();
  });

  it('keeps UTF-8 intact that is split at every byte after the handshake', async () => {
    const text = '\u00df\u20ac\u{1f600}\u{1f468}\u200d\u{1f469}\u0301';
    const { sink, connection } = await harness.attached();
    await connection.sendChunks(Array.from(Buffer.from(text, 'utf8'), (byte) => Uint8Array.of(byte)));
    await sink.until(() => Buffer.concat(sink.chunks).length === Buffer.byteLength(text));
    assert.equal(sink.text, text);
  });

  it('is not taken in by other elements before the answer', async () => {
    const { sink } = harness.link();
    const connection = await harness.server.accept();
    await connection.header();
    connection.sendHeader();
    connection.send("<stream:features/><message from='a@b' to='c@d'/><iq type='get' id='1'><handshake/></iq>");
    await connection.handshake();
    assert.equal(sink.onlines, 0);
    connection.send("<handshake/><iq id='2'/>");
    await sink.until(() => sink.chunks.length > 0);
    assert.equal(sink.text, "<iq id='2'/>");
    assert.deepEqual(sink.problems, []);
  });

  it('accepts an answer that comes before our handshake', async () => {
    const { sink } = harness.link();
    const connection = await harness.server.accept();
    connection.send(`${header}<handshake/><presence/>`);
    await sink.until(() => sink.chunks.length > 0);
    assert.equal(sink.text, '<presence/>');
    assert.equal(await connection.handshake(), sha1('3BF96D32test'));
  });
});
