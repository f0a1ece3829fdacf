import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'ltx';
import type { Inbound } from '../../../src/core/envelope.ts';
import { AddressCache } from '../../../src/xmpp/codec/address-cache.ts';
import type { Frame } from '../../../src/xmpp/codec/frame.ts';
import { Framer } from '../../../src/xmpp/codec/framer.ts';
import { FramingError } from '../../../src/xmpp/codec/framing-error.ts';
import { namespacesFit } from '../../../src/xmpp/codec/namespace-check.ts';
import { Scanner } from '../../../src/xmpp/codec/scanner.ts';
import { Tree } from '../../../src/xmpp/codec/tree.ts';
import { Writer } from '../../../src/xmpp/codec/writer.ts';
import { decode, domain } from './recorder.ts';

/** More runs for a long night: `FUZZ_RUNS=100000`. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 400);

const namespaces = [
  '',
  'jabber:client',
  'jabber:component:accept',
  'urn:xmpp:cmr:0',
  'urn:xmpp:sid:0',
  'urn:xmpp:delay',
  'urn:xmpp:carbons:2',
  'urn:xmpp:receipts',
  'urn:xmpp:chat-markers:0',
  'urn:xmpp:message-correct:0',
  'urn:xmpp:reactions:0',
  'urn:xmpp:reply:0',
  'urn:xmpp:hints',
  'http://jabber.org/protocol/chatstates',
  'http://jabber.org/protocol/address',
  'urn:x-switchyard:worker:0',
  'urn:x-switchyard:dix:0',
  'urn:x-switchyard:pool:0',
  'urn:x-switchyard:delivery:0',
  'http://jabber.org/protocol/amp',
  'urn:odd',
];
const names = [
  'body',
  'thread',
  'cmr',
  'origin-id',
  'stanza-id',
  'delay',
  'private',
  'received',
  'displayed',
  'active',
  'replace',
  'reactions',
  'reply',
  'hop',
  'ping',
  'pong',
  'request',
  'deliver',
  'ack',
  'nack',
  'extend',
  'delivery',
  'amp',
];
const others = ['store', 'addresses', 'address', 'x', 'message', 'é', '漢-1', 'p:x', 'p:thread'];
const addresses = [
  domain,
  `jobs@${domain}`,
  `a@${domain.toUpperCase()}/r`,
  'example.net',
  'a@example.net/r',
  "o'neil@h/😀",
];

const space = fc.constantFrom('', '', ' ', '\n', '\t ');
const gap = fc.constantFrom(' ', ' ', '\n', ' \t ');
const rawText = fc.array(
  fc.constantFrom('a', ' ', '😀', '漢', '&amp;', '&#x1F600;', '&lt;', '>', ']', '"', "'", '\n'),
  { maxLength: 5 },
);
const quote = fc.constantFrom("'", '"');

/** A value in quotes, as it stands. */
function quoted(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(quote, value).map(([q, v]) => q + v.replaceAll(q, q === "'" ? '&apos;' : '&quot;') + q);
}

// Never `]]>`, which ends a CDATA section and stands nowhere else.
const looseValue = rawText.map((parts) => parts.join('').replaceAll('>', ' >'));

function attributeOf(name: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(gap, space, space, quoted(value)).map(([g, s, t, v]) => `${g}${name}${s}=${t}${v}`);
}

/** Some of these attributes, each at most once, in any order. */
function someOf(attributes: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.shuffledSubarray([...attributes.keys()]), fc.tuple(...attributes))
    .map(([chosen, made]) => chosen.map((at) => made[at] ?? '').join(''));
}

const anyAddress = fc.constantFrom(...addresses);
const childAttributes = someOf([
  attributeOf('xmlns', fc.constantFrom(...namespaces)),
  attributeOf('id', looseValue),
  attributeOf('by', anyAddress),
  attributeOf('from', anyAddress),
  attributeOf('type', fc.constantFrom('ofrom', 'to', 'x')),
  attributeOf('algorithm', fc.constantFrom('', 'urn:xmpp:cmr:all')),
  attributeOf('xml:lang', fc.constantFrom('de', '')),
  attributeOf('xmlns:p', fc.constantFrom('urn:p', 'urn:xmpp:cmr:0')),
  attributeOf('token', fc.oneof(fc.constantFrom('', '1h2k3:1:x'), looseValue)),
  attributeOf('seconds', fc.constantFrom('60', '0', '-1', '1e3', '')),
]);

const content = fc.oneof(
  looseValue,
  rawText.map((parts) => `<![CDATA[${parts.join('').replaceAll(']]>', '')}]]>`),
);

const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .tuple(
      fc.constantFrom(...names, ...names, ...others),
      childAttributes,
      space,
      fc.option(fc.array(fc.oneof({ maxDepth: 3 }, content, tie('element')), { maxLength: 3 }), { nil: undefined }),
    )
    .map(([name, attributes, s, inner]) =>
      inner === undefined ? `<${name}${attributes}${s}/>` : `<${name}${attributes}${s}>${inner.join('')}</${name}${s}>`,
    ),
}));

const delivery = 'urn:x-switchyard:delivery:0';
const numbers = fc.constantFrom('0', '1', '5', '60', '86400', '86401', '1.5', '-1', '1e9', '', ' 5', '9'.repeat(40));
const truths = fc.constantFrom('true', 'false', '0', '1', '', 'no');
/** What workers and senders say of deliveries, right or wrong, and what only we say. */
const ofDelivery = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('ack', 'nack', 'extend', 'deliver', 'delivery', 'queued'),
      someOf([
        attributeOf('token', fc.constantFrom('1h2k3:1:x', '', 't'.repeat(201))),
        attributeOf('requeue', truths),
        attributeOf('delay', numbers),
        attributeOf('seconds', numbers),
        attributeOf('guarantee', fc.constantFrom('plain', 'at-least-once', 'exactly-once', '')),
        attributeOf('ttl', numbers),
        attributeOf('queued', truths),
      ]),
      fc.constantFrom(
        '',
        '',
        ' ',
        'x',
        "<error type='wait'/>",
        "<error><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
      ),
      fc.boolean(),
    )
    .map(([name, attributes, inner, prefixed]) =>
      prefixed
        ? `<d:${name} xmlns:d='${delivery}'${attributes}>${inner}</d:${name}>`
        : `<${name} xmlns='${delivery}'${attributes}${inner === '' ? '/>' : `>${inner}</${name}>`}`,
    ),
  fc.constantFrom(
    "<request xmlns='urn:xmpp:receipts'/>",
    "<p:request xmlns:p='urn:xmpp:receipts'/>",
    `<stanza-id xmlns='urn:xmpp:sid:0' by='jobs@${domain}' id='forged'/>`,
    `<delay xmlns='urn:xmpp:delay' from='jobs@${domain}' stamp='2000-01-01T00:00:00Z'/>`,
    "<amp xmlns='http://jabber.org/protocol/amp'><rule condition='expire-at' action='drop' value='2026-11-21T12:00:00Z'/></amp>",
  ),
);

const plainChild = fc
  .tuple(fc.constantFrom(...names), fc.constantFrom(...namespaces.slice(1)), looseValue)
  .map(([name, namespace, inner]) => `<${name} xmlns='${namespace}' id='i'>${inner}</${name}>`);

const message = fc
  .tuple(
    someOf([
      attributeOf('type', fc.constantFrom('chat', 'normal', 'headline', 'groupchat', 'error', 'odd', '')),
      attributeOf('id', looseValue),
      attributeOf('xml:lang', fc.constantFrom('de', '')),
      attributeOf('xmlns', fc.constantFrom('jabber:client', 'jabber:component:accept', 'urn:odd')),
      attributeOf('xmlns:p', fc.constantFrom('urn:p', 'urn:xmpp:sid:0')),
      attributeOf('foo', looseValue),
    ]),
    attributeOf('from', anyAddress),
    attributeOf('to', anyAddress),
    fc.array(fc.oneof(element, plainChild, plainChild, ofDelivery, fc.constantFrom(' ', '\n', 'x', '<![CDATA[x]]>')), {
      maxLength: 5,
    }),
  )
  .map(([attributes, from, to, inner]) => `<message${from}${attributes}${to}>${inner.join('')}</message>`);

/** What scanner and tree make of the first stanza in `text`. */
function both(text: string): { scanned: Inbound | undefined; parsed: Inbound } | undefined {
  const cache = new AddressCache(16);
  let found: { scanned: Inbound | undefined; parsed: Inbound } | undefined;
  const stanza = (frame: Frame): void => {
    found ??= { scanned: new Scanner(domain, cache).scan(frame), parsed: new Tree(domain, cache).read(frame) };
  };
  new Framer({ stanza: 1 << 20, depth: 64 }, { stanza, refused: () => {}, streamEnd: () => {} }).push(
    Buffer.from(text),
  );
  return found;
}

function childrenOf(element: ReturnType<typeof parse>): string {
  return element.children.map(String).join('');
}

/** How many children have this name and namespace and, where `claim` is given, say by that attribute that they are by us. */
function count(element: ReturnType<typeof parse>, name: string, namespace: string, claim?: 'by' | 'from'): number {
  return element
    .getChildElements()
    .filter((part) => part.getName() === name && part.getNS() === namespace)
    .filter((part) => claim === undefined || (part.attrs[claim] ?? '').toLowerCase().includes(domain)).length;
}

describe('scanner and tree', () => {
  it('make the same envelope, or the scanner declines', () => {
    let scanned = 0;
    fc.assert(
      fc.property(message, (text) => {
        const result = both(text);
        assert.ok(result !== undefined, 'a well-formed message was framed');
        if (result.scanned === undefined) return;
        scanned++;
        assert.deepEqual(result.scanned, result.parsed);
      }),
      { numRuns },
    );
    assert.ok(scanned > numRuns / 100, `only ${scanned} were scanned`);
  });

  it('agree on what mutations leave well-formed', () => {
    const mutation = fc.tuple(
      fc.nat(),
      fc.nat(3),
      fc.constantFrom('<', '>', '&', "'", '"', '/', ' ', ']', ':', '😀', '=', 'a'),
    );
    fc.assert(
      fc.property(message, fc.array(mutation, { minLength: 1, maxLength: 2 }), (text, mutations) => {
        let changed = text;
        for (const [at, remove, insert] of mutations) {
          const place = at % (changed.length + 1);
          changed = changed.slice(0, place) + insert + changed.slice(place + remove);
        }
        let result: ReturnType<typeof both>;
        try {
          result = both(changed);
        } catch (error) {
          assert.ok(error instanceof FramingError, String(error));
          return;
        }
        if (result?.scanned !== undefined) assert.deepEqual(result.scanned, result.parsed);
      }),
      { numRuns: numRuns * 2 },
    );
  });

  it('make a tail that stands in a stanza of ours', () => {
    const writer = new Writer({ domain, stanzaLimit: 1 << 20 });
    fc.assert(
      fc.property(message, (text) => {
        const stanza = both(text)?.parsed;
        if (stanza?.kind !== 'message') return;
        const forwarded = writer.forward(stanza, `jobs@${domain}/${stanza.from}`, 'w@example.org/1', {
          jid: `jobs@${domain}`,
          hidesSenders: false,
        });
        assert.ok(forwarded !== undefined);
        assert.ok(namespacesFit(parse(forwarded)), forwarded);
        // All that is kept stands first, in its order; what is added stands behind.
        const kept = childrenOf(parse(`<message>${stanza.tail}</message>`));
        assert.ok(childrenOf(parse(forwarded)).startsWith(kept), forwarded);
        const [again] = decode(forwarded).stanzas;
        assert.ok(again?.kind === 'message');
        // Of what was cut nothing is left, and what was kept says the same to the next reader.
        assert.deepEqual(
          [again.hint, again.thread, again.originId, again.receipt, again.refersTo, again.id, again.lang, again.type],
          [
            undefined,
            stanza.thread,
            stanza.originId,
            stanza.receipt,
            // With what is added a signal is none any more, and an acknowledgement is beside the point.
            stanza.signal || stanza.type === 'error' ? again.refersTo : stanza.refersTo,
            stanza.id,
            stanza.lang,
            stanza.type,
          ],
        );
      }),
      { numRuns },
    );
  });

  it('make a tail that stands in a delivery at least once, and nothing forged beside what is ours', () => {
    const { deliveries } = new Writer({ domain, stanzaLimit: 1 << 20 });
    const passage = { jid: `jobs@${domain}`, hidesSenders: false };
    const assurance = {
      stanzaId: '1h2k3',
      token: '1h2k3:1:x',
      attempt: 1,
      deadline: 1e12,
      expires: 1e12,
      delayedSince: 1e12,
    };
    fc.assert(
      fc.property(message, (text) => {
        const stanza = both(text)?.parsed;
        if (stanza?.kind !== 'message') return;
        const from = `jobs@${domain}/${stanza.from}`;
        const written = parse(deliveries.deliver(stanza, from, 'w@h/1', passage, assurance) ?? '');
        const asked = parse(deliveries.deliverIq(stanza, from, 'w@h/1', passage, assurance, 'q') ?? '');
        const inner = asked.getChildElements()[0]?.getChildElements()[0]?.getChildElements()[0];
        assert.ok(inner !== undefined && namespacesFit(written) && namespacesFit(asked));
        assert.ok(childrenOf(written).startsWith(childrenOf(parse(`<message>${stanza.tail}</message>`))));
        assert.equal(count(written, 'request', 'urn:xmpp:receipts'), 1);
        assert.equal(count(inner, 'request', 'urn:xmpp:receipts'), stanza.wantsReceipt === true ? 1 : 0);
        for (const whole of [written, inner]) {
          assert.equal(count(whole, 'delivery', delivery), 1);
          assert.equal(count(whole, 'stanza-id', 'urn:xmpp:sid:0', 'by'), 1);
          assert.equal(count(whole, 'delay', 'urn:xmpp:delay', 'from'), 1);
          for (const name of ['ack', 'nack', 'extend', 'deliver', 'queued'])
            assert.equal(count(whole, name, delivery), 0);
        }
      }),
      { numRuns },
    );
  });

  it('are given the same stanza wherever the chunks end', () => {
    fc.assert(
      fc.property(message, fc.integer({ min: 1, max: 64 }), (text, size) => {
        assert.deepEqual(decode(text + text, size).stanzas, decode(text + text).stanzas);
      }),
      { numRuns },
    );
  });
});
