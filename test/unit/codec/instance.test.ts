import { deepEqual, equal } from 'node:assert/strict';
import { Writer } from '../../../src/xmpp/codec/writer.ts';
import { decodeMessage, domain, messageWith } from './recorder.ts';

const ping = "<ping xmlns='urn:x-switchyard:dix:0'/>";
const hint = "<no-store xmlns='urn:xmpp:hints'/>";

/** What the decoder makes of a message with these children. */
function read(children: string, attributes?: string): [string | undefined, boolean] {
  const { instance, signal } = decodeMessage(messageWith(children, attributes));
  return [instance, signal];
}

describe('a message that looks for an instance (specs.md 3.2)', () => {
  it('is told by its ping, and by its pong, with hints or without', () => {
    deepEqual(read(ping + hint), ['ping', false]);
    deepEqual(read(ping), ['ping', false]);
    deepEqual(read("<p:pong xmlns:p='urn:x-switchyard:dix:0'/>"), ['pong', false]);
  });

  it('keeps its ping, which its worker may answer itself', () => {
    equal(decodeMessage(messageWith(ping + hint)).tail, ping + hint);
  });

  it('is none when it says more, or is of a type that nobody answers', () => {
    deepEqual(read(`<body>hello</body>${ping}`), [undefined, false]);
    deepEqual(read(ping, " type='headline'"), [undefined, false]);
    deepEqual(read("<ping xmlns='urn:xmpp:ping'/>"), [undefined, false]);
  });

  it('is answered by a pong of its id and type', () => {
    const found = decodeMessage(messageWith(ping, " id='p1' type='chat'"));
    const writer = new Writer({ domain, stanzaLimit: 480 * 1024 });
    equal(
      writer.pong(found, `jobs@${domain}/~n2`),
      `<message type='chat' from='jobs@${domain}/~n2' to='${found.from}' id='p1'><pong xmlns='urn:x-switchyard:dix:0'/></message>`,
    );
  });
});
