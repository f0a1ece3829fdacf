import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Element, parse } from 'ltx';
import { readEvent } from '../../../src/xmpp/codec/event-reader.ts';

const event = 'http://jabber.org/protocol/pubsub#event';
const shim = 'http://jabber.org/protocol/shim';

function shares(tail: string, split: 'event' | 'item' = 'event') {
  const read = readEvent(tail);
  assert.ok(read?.about === 'node');
  return read.shares(split);
}

describe('reading of PubSub messages', () => {
  it('finds the node, and goes on with the text as it is (XEP-0060, 7.1.2.1)', () => {
    const tail =
      `<event xmlns='${event}'><items node='princely_musings'><item id='ae890ac52d0df67ed7cfdf51b644e901'>` +
      "<entry xmlns='http://www.w3.org/2005/Atom'><title>Soliloquy</title></entry></item></items></event>";
    const read = readEvent(tail);
    assert.ok(read?.about === 'node');
    assert.deepEqual([read.node, read.collections, read.subids, read.deleted], ['princely_musings', [], [], false]);
    assert.deepEqual(read.shares('event'), { one: [tail], all: undefined });
    assert.equal(read.shares('item').one[0], tail);
  });

  it('reads the ids of subscriptions and the collections in SHIM headers (7.1.2.4, XEP-0248)', () => {
    const read = readEvent(
      `<event xmlns='${event}'><items node='princely_musings'><item id='1'/></items></event><headers xmlns='${shim}'>` +
        "<header name='SubID'>123-abc</header><header name='SubID'>004-yyy</header>" +
        "<header name='Collection'>all_musings</header><header name='Urgency'>high</header></headers>",
    );
    assert.ok(read?.about === 'node');
    assert.deepEqual([read.subids, read.collections], [['123-abc', '004-yyy'], ['all_musings']]);
  });

  it('takes an event without an item for one event (transient, 4.3)', () => {
    const tail = `<event xmlns='${event}'><items node='n'/></event>`;
    assert.deepEqual(shares(tail, 'item'), { one: [tail], all: undefined });
  });

  it('knows what all workers have to be told (7.2.2.1, 8.2.5, 8.4.2, 8.5.2)', () => {
    const kinds = [
      "<items node='n'><retract id='1'/></items>",
      "<purge node='n'/>",
      "<delete node='n'><redirect uri='xmpp:hamlet@denmark.lit?;node=blog'/></delete>",
      "<configuration node='n'/>",
      "<collection node='n'><associate node='m'/></collection>",
    ];
    for (const kind of kinds) {
      const tail = `<event xmlns='${event}'>${kind}</event>`;
      assert.deepEqual(shares(tail, 'item'), { one: [], all: tail }, kind);
      const read = readEvent(tail);
      assert.equal(read?.about === 'node' && read.deleted, kind.startsWith('<delete'));
    }
  });

  it('reads what is said of a subscription, in either form (8.6, 8.8.4)', () => {
    const word = "<subscription node='princely_musings' jid='horatio@denmark.lit' subscription='subscribed'/>";
    const subscription = {
      node: 'princely_musings',
      jid: 'horatio@denmark.lit',
      subid: undefined,
      state: 'subscribed',
    };
    for (const tail of [
      `<event xmlns='${event}'>${word}</event>`,
      `<pubsub xmlns='http://jabber.org/protocol/pubsub'>${word}</pubsub>`,
    ]) {
      assert.deepEqual(readEvent(tail), { about: 'subscription', subscription });
    }
  });

  it('leaves alone what is no event', () => {
    const none = [
      '',
      '<body>http://jabber.org/protocol/pubsub</body>',
      `<event xmlns='${event}'/>`,
      `<event xmlns='${event}'><items/></event>`,
      `<event xmlns='${event}'>text</event>`,
      `<x xmlns='${event}'><items node='n'/></x>`,
      `<x xmlns='urn:x'><event xmlns='${event}'><items node='n'/></event></x>`,
      "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'/></pubsub>",
    ];
    for (const tail of none) assert.equal(readEvent(tail), undefined, tail);
  });

  it('keeps prefixes, languages, characters and what stands beside the event in every part', () => {
    const tail =
      `<p:event xmlns:p='${event}' xmlns:q='urn:q'><p:items node='a&amp;b' xml:lang='de'><p:item id='1&#10;'><q:x>&lt;ö</q:x></p:item>` +
      `<p:item id='2'/></p:items></p:event><headers xmlns='${shim}'><header name='SubID'>s</header></headers>`;
    const { one, all } = shares(tail, 'item');
    assert.equal(all, undefined);
    assert.equal(
      one[0],
      `<p:event xmlns:p='${event}' xmlns:q='urn:q'><p:items node='a&amp;b' xml:lang='de'><p:item id='1&#10;'><q:x>&lt;ö</q:x></p:item>` +
        `</p:items></p:event><headers xmlns='${shim}'><header name='SubID'>s</header></headers>`,
    );
    assert.ok(one[1]?.includes("<p:item id='2'/>") === true && one[1].includes('SubID'));
  });

  it('gives every item to exactly one part, in order, and bounds the parts and their size', () => {
    const plan = fc.record({
      items: fc.integer({ min: 1, max: 30 }),
      retracted: fc.integer({ min: 0, max: 3 }),
      split: fc.constantFrom('event' as const, 'item' as const),
    });
    fc.assert(
      fc.property(plan, ({ items, retracted, split }) => {
        const { one, all } = shares(eventOf(items, retracted), split);
        const ids = one.map(idsOf);
        assert.deepEqual(
          ids.flat(),
          Array.from({ length: items }, (_, n) => `item ${n}`),
        );
        assert.equal(one.length, split === 'item' ? items : 1);
        assert.deepEqual(
          all === undefined ? [] : idsOf(all),
          Array.from({ length: retracted }, (_, n) => `retract ${n}`),
        );
      }),
    );
    const many = shares(eventOf(5_000, 0), 'item').one;
    assert.equal(many.length, 1_000);
    assert.equal(many.flatMap(idsOf).length, 5_000);
    const heavy = shares(`${eventOf(1_000, 0)}<x xmlns='urn:x'>${'y'.repeat(100_000)}</x>`, 'item').one;
    assert.equal(heavy.flatMap(idsOf).length, 1_000);
    assert.ok(heavy.join('').length < 1_300_000, 'does not become ever so much');
  });
});

function eventOf(items: number, retracted: number): string {
  const written = (name: string, count: number): string =>
    Array.from({ length: count }, (_, n) => `<${name} id='${n}'/>`).join('');
  return `<event xmlns='${event}'><items node='n'>${written('item', items)}${written('retract', retracted)}</items></event>`;
}

function idsOf(tail: string): string[] {
  const [message] = [parse(`<message>${tail}</message>`)];
  const inner = (element: Element | undefined): Element[] => element?.getChildElements() ?? [];
  return inner(inner(inner(message)[0])[0]).map((child) => `${child.getName()} ${child.attrs['id'] ?? ''}`);
}
