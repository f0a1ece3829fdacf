import assert from 'node:assert/strict';
import { Writer } from '../../../src/xmpp/codec/writer.ts';
import { decodeMessage, domain, messageWith } from './recorder.ts';

const writer = new Writer({ domain, stanzaLimit: 480 * 1024 });
const first = `jobs@${domain}`;
const second = 'mail@pools.example.net';

function hop(n: number, via: string): string {
  return `<hop xmlns='urn:x-switchyard:pool:0' n='${n}' via='${via}'/>`;
}

function ofrom(jid: string): string {
  return `<addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom' jid='${jid}'/></addresses>`;
}

/** As the core has it written whose turn it is to be marked. */
function forwarded(children: string, jid: string, hidesSenders = false): string {
  const message = { ...decodeMessage(messageWith(children)), hops: [] };
  return writer.forward(message, 'p', 'w', { jid, hidesSenders }) ?? '';
}

describe('the chain of pools that a message has passed', () => {
  it('begins with the first pool, whatever the pool before was, and whether or not it hides the sender', () => {
    for (const jid of [first, second, second, first]) {
      assert.ok(forwarded('<body/>', jid, true).includes(hop(1, jid)), jid);
      assert.ok(forwarded('<body/>', jid, false).includes(hop(1, jid)), jid);
    }
  });

  it('has no beginning where the core wants none', () => {
    const message = decodeMessage(messageWith('<body/>'));
    for (const hidesSenders of [true, false]) {
      const text = writer.forward(message, 'p/s@example.net/r', 'w', { jid: first, hidesSenders }) ?? '';
      assert.ok(!text.includes('<hop'), text);
      assert.equal(decodeMessage(text).hops, undefined);
    }
  });

  it('begins with the pool that left nothing but an ofrom', () => {
    assert.deepEqual(decodeMessage(messageWith(`<body/>${ofrom('s@h/r')}`)).hops, ['']);
  });

  it('is one chain after the second, however the pools show the sender', () => {
    const text = hop(1, first) + hop(2, second);
    const ways = [false, true].flatMap((hidden) => [false, true].map((then) => [hidden, then] as const));
    for (const [hidden, then] of ways) {
      const message = decodeMessage(forwarded('<body/>', first, hidden));
      assert.ok(!message.tail.includes('<hop') && !message.tail.includes('ofrom'), message.tail);
      const again = writer.forward(message, 'p', 'w', { jid: second, hidesSenders: then }) ?? '';
      assert.ok(again.includes(text), again);
      assert.equal(again.split('<hop').length, text.split('<hop').length, again);
      assert.deepEqual(decodeMessage(again).hops, [first, second]);
    }
  });

  it('goes on with a reply, to which nothing is added', () => {
    const message = decodeMessage(messageWith(`<body/>${hop(1, first)}`));
    assert.equal(writer.relay(message, 'a', 'b'), `<message from='a' to='b'><body/>${hop(1, first)}</message>`);
  });

  it('gets its first name from the pool where a worker answers with a copy, and none in an error', () => {
    const message = decodeMessage(messageWith(`<body/>${ofrom('s@h/r')}`));
    for (const from of [first, `${first}/~w`]) {
      assert.equal(
        writer.relay(message, from, 'b'),
        `<message from='${from}' to='b'><body/>${hop(1, first)}</message>`,
      );
    }
    const error = { ...message, type: 'error' as const };
    assert.equal(writer.relay(error, first, 'b'), `<message type='error' from='${first}' to='b'><body/></message>`);
  });

  it('is as long as its numbers say', () => {
    const cases = [
      [hop(2, 'x'), ['', 'x']],
      [hop(1, 'x') + hop(3, 'y'), ['x', '', 'y']],
      [hop(2, 'x') + hop(2, 'y'), ['', 'x', 'y']],
      [hop(1e9, 'x'), ['', '', '', 'x']],
      [hop(-1, 'x') + hop(0.5, 'y') + hop(Number.NaN, 'z'), ['x', 'y', 'z']],
      [ofrom('s@h/r') + hop(1, 'x'), ['x']],
    ] as const;
    for (const [children, hops] of cases) assert.deepEqual(decodeMessage(messageWith(children)).hops, hops, children);
  });

  it('is read with any prefix, and no further than matters', () => {
    const odd = `<p:hop xmlns:p='urn:x-switchyard:pool:0' via='&lt;'/><hop xmlns='urn:x-switchyard:pool:0'/>`;
    assert.deepEqual(decodeMessage(messageWith(odd)).hops, ['<', '']);
    assert.equal(decodeMessage(messageWith(hop(1, 'x').repeat(100))).hops?.length, 4);
    assert.equal(decodeMessage(messageWith("<hop xmlns='urn:odd' via='x'/>")).hops, undefined);
  });
});
