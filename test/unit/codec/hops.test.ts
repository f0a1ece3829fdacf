import assert from 'node:assert/strict';
import { Writer } from '../../../src/xmpp/codec/writer.ts';
import { decodeMessage, domain, messageWith } from './recorder.ts';

const writer = new Writer({ domain, stanzaLimit: 480 * 1024 });
const first = `jobs@${domain}`;
const second = 'mail@pools.example.net';

function hop(n: number, via: string): string {
  return `<hop xmlns='urn:x-switchyard:pool:0' n='${n}' via='${via}'/>`;
}

function forwarded(children: string, jid: string): string {
  return writer.forward(decodeMessage(messageWith(children)), 'p', 'w', { jid, hidesSenders: false }) ?? '';
}

describe('the chain of pools that a message has passed', () => {
  it('begins with the first pool, whatever the pool before was', () => {
    for (const jid of [first, second, second, first]) assert.ok(forwarded('<body/>', jid).includes(hop(1, jid)), jid);
  });

  it('is one chain after the second', () => {
    const once = forwarded('<body/>', first).replace("from='p'", "from='w@h/1'").replace("to='w'", `to='${second}'`);
    const message = decodeMessage(once);
    assert.deepEqual(message.hops, [first]);
    assert.ok(!message.tail.includes('<hop'));
    const again = writer.forward(message, 'p', 'w', { jid: second, hidesSenders: false }) ?? '';
    assert.ok(again.includes(hop(1, first) + hop(2, second)), again);
    assert.deepEqual(decodeMessage(again).hops, [first, second]);
  });

  it('goes on with a reply, to which nothing is added', () => {
    const message = decodeMessage(messageWith(`<body/>${hop(1, first)}`));
    assert.equal(writer.relay(message, 'a', 'b'), `<message from='a' to='b'><body/>${hop(1, first)}</message>`);
  });

  it('is read with any prefix, and no further than matters', () => {
    const odd = `<p:hop xmlns:p='urn:x-switchyard:pool:0' via='&lt;'/><hop xmlns='urn:x-switchyard:pool:0'/>`;
    assert.deepEqual(decodeMessage(messageWith(odd)).hops, ['<', '']);
    assert.equal(decodeMessage(messageWith(hop(1, 'x').repeat(100))).hops?.length, 4);
    assert.equal(decodeMessage(messageWith("<hop xmlns='urn:odd' via='x'/>")).hops, undefined);
  });
});
