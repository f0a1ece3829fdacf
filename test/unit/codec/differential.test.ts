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
    fc.array(fc.oneof(element, plainChild, plainChild, fc.constantFrom(' ', '\n', 'x', '<![CDATA[x]]>')), {
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

  it('are given the same stanza wherever the chunks end', () => {
    fc.assert(
      fc.property(message, fc.integer({ min: 1, max: 64 }), (text, size) => {
        assert.deepEqual(decode(text + text, size).stanzas, decode(text + text).stanzas);
      }),
      { numRuns },
    );
  });
});
