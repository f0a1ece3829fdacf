import { ok } from 'node:assert/strict';
import fc from 'fast-check';
import { domainOf } from '../../src/core/address/jid.ts';
import { Decoder } from '../../src/xmpp/codec/decoder.ts';
import { Writer } from '../../src/xmpp/codec/writer.ts';
import { aliasKey, domain, House, poolSettings, serviceSettings } from './house.ts';
import type { Written } from './recording-out.ts';

const pool = `hidden@${domain}`;
const worker = 'w@work.example/one';
const senders = ['sensor@far.example/r', 'zoë@far.example/r', 'far.example', "o'n@far.example/<&>"];
const writer = new Writer({ domain, stanzaLimit: 480 * 1024 });

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll("'", '&apos;');
}

/** What was written, as it goes over the wire, if a worker gets it. */
function toWorker(written: Written): string | undefined {
  switch (written.call) {
    case 'forward':
      return writer.forward(written.message, written.from, written.to, {
        jid: pool,
        hidesSenders: written.hides === true,
      });
    case 'relay':
      return domainOf(written.to) === 'work.example'
        ? writer.relay(written.message, written.from, written.to)
        : undefined;
    case 'report':
      return writer.report(written.message, written.from, written.to);
    case 'bounce':
      return written.stanza.from === worker ? writer.error(written.stanza, written.code) : undefined;
    case 'answer':
      return written.request.from === worker ? writer.answer(written.request, written.answer) : undefined;
    case 'presence':
      return written.presence.to === worker ? writer.presence(written.presence) : undefined;
    case 'ping':
      return writer.ping(written.from, written.to, written.id);
    default:
      return undefined;
  }
}

/** Children of a message that name its sender, as clients and servers write them. */
const telling = (jid: string): readonly string[] => [
  `<stanza-id xmlns='urn:xmpp:sid:0' by='${jid}' id='1'/>`,
  "<delay xmlns='urn:xmpp:delay' from='far.example' stamp='x'/>",
  `<addresses xmlns='http://jabber.org/protocol/address'><address type='replyto' jid='${jid}'/></addresses>`,
  `<addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom' jid='${jid}'/></addresses>`,
  `<reply xmlns='urn:xmpp:reply:0' id='m1' to='${jid}'/>`,
  "<active xmlns='http://jabber.org/protocol/chatstates'/>",
  "<received xmlns='urn:xmpp:receipts' id='m1'/>",
  "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>",
];

const error = `<error type='cancel' by='far.example'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:sensor@far.example</gone></error>`;

const stanza = fc
  .tuple(
    fc.constantFrom(...senders),
    fc.nat(12),
    fc.constantFrom(pool, `${pool}/~one`),
    fc.constantFrom('chat', 'headline'),
  )
  .chain(([who, kind, to, type]) => {
    const from = escaped(who);
    const alias = fc.constantFrom(...[1, 2, 3, 4].map((n) => `${pool}/!${aliasKey(n)}`));
    const children = fc.subarray([...telling(from), '<body>x</body>']).map((list) => list.join(''));
    if (kind < 6) {
      return children.map(
        (inner) =>
          `<message from='${from}' to='${to}' type='${type}' id='${kind === 0 ? from : `m${kind}`}'>${inner}</message>`,
      );
    }
    if (kind < 8)
      return fc.constant(`<message from='${from}' to='${pool}/~one' type='error' id='r1'>${error}</message>`);
    if (kind === 8)
      return fc.constant(`<iq from='${from}' to='${to}' type='get' id='q'><ping xmlns='urn:xmpp:ping'/></iq>`);
    if (kind === 9)
      return fc.constant(`<presence from='${from}' to='${to}' type='subscribe'><nick>x</nick></presence>`);
    if (kind === 10)
      return alias.map((at) => `<message from='${worker}' to='${at}' type='error' id='m1'>${error}</message>`);
    if (kind === 11)
      return alias.map(
        (at) =>
          `<iq from='${worker}' to='${at}' type='get' id='q'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
      );
    return alias.map((at) => `<message from='${worker}' to='${at}' type='chat' id='r1'><body>y</body></message>`);
  });

describe('router: a pool that hides its senders', () => {
  it('writes their JIDs nowhere in what its workers get', () => {
    let forwards = 0;
    fc.assert(
      fc.property(fc.array(stanza, { maxLength: 30, size: 'max' }), (stanzas) => {
        const house = new House(serviceSettings([poolSettings({ name: 'hidden', identity: 'alias' })]));
        const inbound = (one: Parameters<House['on']>[0]): void => house.router.on(one, house.now);
        const sink = { inbound, streamError: () => undefined, streamEnd: () => undefined };
        const decoder = new Decoder({ domain, stanzaLimit: 1 << 20, depthLimit: 64 }, sink);
        house.join(worker, { to: pool });
        for (const text of stanzas) {
          decoder.push(Buffer.from(text));
          house.out.settle();
          house.pass(100);
          for (const written of house.out.take()) {
            if (written.call === 'forward') forwards += 1;
            const wire = toWorker(written) ?? '';
            // The words of a worker's own error are its own.
            ok(!/far\.example|sensor|zoë|o&apos;n/.test(wire), `${text}\n${wire}`);
          }
        }
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
    );
    ok(forwards > 100, `only ${forwards} were forwarded`);
  });
});
