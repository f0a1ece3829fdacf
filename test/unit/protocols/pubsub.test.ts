import assert from 'node:assert/strict';
import type { Inbound } from '../../../src/core/envelope.ts';
import type { PubSubRequest } from '../../../src/core/ports.ts';
import { Decoder } from '../../../src/xmpp/codec/decoder.ts';
import { Writer } from '../../../src/xmpp/codec/writer.ts';

const pool = 'jobs@pools.example';
const service = 'pubsub.shakespeare.lit';
const pubsub = 'http://jabber.org/protocol/pubsub';
const writer = new Writer({ domain: 'pools.example', stanzaLimit: 10_000 });

function written(request: PubSubRequest): string | undefined {
  return writer.askPubSub(pool, service, 'q1', request);
}

function read(payload: string, type = 'result'): Inbound {
  const stanzas: Inbound[] = [];
  const decoder = new Decoder(
    { domain: 'pools.example', stanzaLimit: 1_000_000, depthLimit: 64 },
    {
      inbound: (stanza) => stanzas.push(stanza),
      streamError: () => assert.fail(),
      streamEnd: () => assert.fail(),
    },
  );
  decoder.push(Buffer.from(`<iq type='${type}' from='${service}' to='${pool}' id='q1'>${payload}</iq>`));
  const [only] = stanzas;
  assert.ok(only !== undefined);
  return only;
}

function listed(inner: string) {
  const stanza = read(`<pubsub xmlns='${pubsub}'>${inner}</pubsub>`);
  assert.ok(stanza.kind === 'iq-response');
  return stanza.subscriptions;
}

const head = (type: string): string =>
  `<iq type='${type}' from='${pool}' to='${service}' id='q1'><pubsub xmlns='${pubsub}'>`;

describe('PubSub requests (XEP-0060)', () => {
  it('asks for the subscriptions at a node (5.6), by pages', () => {
    const node = 'princely_musings';
    assert.equal(
      written({ name: 'subscriptions', node, after: undefined }),
      `${head('get')}<subscriptions node='${node}'/></pubsub></iq>`,
    );
    assert.equal(
      written({ name: 'subscriptions', node, after: 'a<' }),
      `${head('get')}<subscriptions node='${node}'/><set xmlns='http://jabber.org/protocol/rsm'><after>a&lt;</after></set></pubsub></iq>`,
    );
  });

  it('subscribes (6.1.1), with options (6.3.7)', () => {
    assert.equal(
      written({ name: 'subscribe', node: "it's & that", options: {} }),
      `${head('set')}<subscribe node='it&apos;s &amp; that' jid='${pool}'/></pubsub></iq>`,
    );
    const options = { 'pubsub#deliver': ['1'], 'pubsub#show-values': ['chat', 'online'] };
    const form =
      "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>" +
      '<value>http://jabber.org/protocol/pubsub#subscribe_options</value></field>' +
      "<field var='pubsub#deliver'><value>1</value></field>" +
      "<field var='pubsub#show-values'><value>chat</value><value>online</value></field></x>";
    assert.equal(
      written({ name: 'subscribe', node: 'n', options }),
      `${head('set')}<subscribe node='n' jid='${pool}'/><options>${form}</options></pubsub></iq>`,
    );
    assert.equal(
      written({ name: 'options', node: 'n', subid: 's1', options }),
      `${head('set')}<options node='n' jid='${pool}' subid='s1'>${form}</options></pubsub></iq>`,
    );
  });

  it('unsubscribes (6.2.1), by the id where there is one', () => {
    assert.equal(
      written({ name: 'unsubscribe', node: 'n', subid: undefined }),
      `${head('set')}<unsubscribe node='n' jid='${pool}'/></pubsub></iq>`,
    );
    assert.ok(written({ name: 'unsubscribe', node: 'n', subid: 's' })?.includes(" subid='s'/>"));
  });

  it('writes nothing that is too long', () => {
    assert.equal(written({ name: 'unsubscribe', node: 'n'.repeat(20_000), subid: undefined }), undefined);
  });
});

describe('answers of a PubSub service (XEP-0060)', () => {
  it('reads a subscription (6.1.2)', () => {
    const one = `<subscription node='princely_musings' jid='${pool}' subid='ba49252aaa4f5d320c24d3766f0bdcade78c78d3' subscription='subscribed'/>`;
    assert.deepEqual(listed(one), {
      list: [
        {
          node: 'princely_musings',
          jid: pool,
          subid: 'ba49252aaa4f5d320c24d3766f0bdcade78c78d3',
          state: 'subscribed',
        },
      ],
      more: undefined,
    });
  });

  it('reads the list of a node, whose members need not name it (5.6)', () => {
    const list =
      `<subscriptions node='node6'><subscription jid='${pool}' subscription='subscribed' subid='123-abc'/>` +
      `<subscription node='node7' jid='${pool}' subscription='pending'/></subscriptions>`;
    assert.deepEqual(
      listed(list)?.list.map(({ node, subid, state }) => [node, subid, state]),
      [
        ['node6', '123-abc', 'subscribed'],
        ['node7', undefined, 'pending'],
      ],
    );
    assert.deepEqual(listed('<subscriptions/>'), { list: [], more: undefined });
  });

  it('takes a subscription that may be configured for one that stands, and one that must be for none (6.1.5)', () => {
    const states = ['<subscribe-options><required/></subscribe-options>', '<subscribe-options/>', ''].map(
      (options) =>
        listed(`<subscription node='n' jid='${pool}' subscription='unconfigured'>${options}</subscription>`)?.list[0]
          ?.state,
    );
    assert.deepEqual(states, ['unconfigured', 'subscribed', 'unconfigured']);
  });

  it('knows whether the list goes on (XEP-0059 2.2)', () => {
    const page = (set: string): string | undefined =>
      listed(
        `<subscriptions><subscription node='a' jid='${pool}' subscription='subscribed'/></subscriptions>` +
          `<set xmlns='http://jabber.org/protocol/rsm'>${set}</set>`,
      )?.more;
    assert.equal(page("<first index='0'>a</first><last>z</last><count>2</count>"), 'z');
    assert.equal(page("<first index='1'>a</first><last>z</last><count>2</count>"), undefined);
    assert.equal(page('<first>a</first><last>z</last>'), 'z');
    assert.equal(page('<count>1</count>'), undefined);
  });

  it('reads the condition of PubSub beside that of the stanza (6.1.3)', () => {
    const error = (inner: string) => {
      const stanza = read(
        `<error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>${inner}</error>`,
        'error',
      );
      return stanza.kind === 'iq-response' ? stanza.error : undefined;
    };
    assert.deepEqual(error(`<closed-node xmlns='${pubsub}#errors'/>`), {
      condition: 'not-allowed',
      type: 'cancel',
      pubsub: 'closed-node',
    });
    assert.deepEqual(error(''), { condition: 'not-allowed', type: 'cancel' });
  });

  it('reads no more of a list than it can use, and nothing of what is no answer', () => {
    const many = `<subscriptions>${`<subscription node='n' jid='x@y' subscription='subscribed'/>`.repeat(3_000)}</subscriptions>`;
    assert.equal(listed(many)?.list.length, 1_000);
    const other = read("<query xmlns='urn:x'/>");
    assert.equal(other.kind === 'iq-response' && 'subscriptions' in other, false);
  });
});
