import assert from 'node:assert/strict';
import fc from 'fast-check';
import { payloadText } from '../../../src/xmpp/codec/payload-text.ts';

interface Node {
  readonly name: string;
  readonly attributes: readonly (readonly [string, string])[];
  readonly children: readonly (Node | string)[];
}

describe('what a message says, however it came', () => {
  const same = (a: string, b: string): void => assert.equal(payloadText(a), payloadText(b));
  const different = (a: string, b: string): void => assert.notEqual(payloadText(a), payloadText(b));

  it('does not depend on the order of attributes, at any depth', () => {
    same("<j xmlns='x' id='1'/>", "<j id='1' xmlns='x'/>");
    same('<a b="1" c="2">t<d e="3" f=\'4\'/></a>', '<a c="2" b="1">t<d f=\'4\' e="3"/></a>');
  });

  it('leaves out what servers add and what tells the message itself', () => {
    const body = '<body>x</body>';
    same(body, `${body}<origin-id xmlns='urn:xmpp:sid:0' id='o'/>`);
    same(body, `<stanza-id id="7" by="a@b" xmlns="urn:xmpp:sid:0"></stanza-id>${body}`);
    same(body, `${body}<delay stamp='2026-11-21T18:00:50Z' xmlns='urn:xmpp:delay'>Offline Storage</delay>`);
  });

  it('depends on everything else', () => {
    different('<body>x</body>', '<body>y</body>');
    different("<j id='1' n='2'/>", "<j id='2' n='1'/>");
    different("<j a='1' b='2'/>", "<j b='2' a='1'></j>");
    different("<stanza-id xmlns='urn:x' id='1'/>", "<stanza-id xmlns='urn:x' id='2'/>");
    different("<a><delay xmlns='urn:xmpp:delay' stamp='1'/></a>", "<a><delay xmlns='urn:xmpp:delay' stamp='2'/></a>");
    different('<a b="1 c=\'2\'"/>', '<a b="1" c="2"/>');
  });

  it('takes text and CDATA for what they are', () => {
    const text = `<a>x = 'y'<![CDATA[<b d="1" c="2">]]></a><c z='> y="/>"' q="'"/>`;
    assert.equal(payloadText(text), `<a>x = 'y'<![CDATA[<b d="1" c="2">]]></a><c q="'" z='> y="/>"'/>`);
  });

  it('is the same for every order of attributes, and another for every other message', () => {
    const name = fc.constantFrom('a', 'b', 'delay');
    const attribute = fc.tuple(
      fc.constantFrom('id', 'xmlns', 'x:y', 'n'),
      fc.constantFrom('1', '2', '>', '=', "'", '/', ' a='),
    );
    const { node } = fc.letrec<{ node: Node }>((tie) => ({
      node: fc.record({
        name,
        attributes: fc.uniqueArray(attribute, { selector: ([key]) => key }),
        children: fc.array(fc.oneof({ depthSize: 'small' }, fc.constantFrom('t', '=', '"'), tie('node')), {
          maxLength: 3,
        }),
      }),
    }));
    fc.assert(
      fc.property(node, node, fc.infiniteStream(fc.nat()), (one, other, draws) => {
        const shuffled = written(one, () => Number(draws.next().value));
        assert.equal(payloadText(shuffled), payloadText(written(one, () => 0)));
        assert.equal(meaning(one) === meaning(other), payloadText(shuffled) === payloadText(written(other, () => 0)));
      }),
    );
  });
});

/** As text, each attribute taken from those that are left by a draw. */
function written({ name, attributes, children }: Node, draw: () => number): string {
  const left = [...attributes];
  let tag = `<${name}`;
  while (left.length > 0) {
    for (const [key, value] of left.splice(draw() % left.length, 1)) tag += ` ${key}="${value}"`;
  }
  const inner = children.map((child) => (typeof child === 'string' ? child : written(child, draw)));
  return `${tag}>${inner.join('')}</${name}>`;
}

function meaning({ name, attributes, children }: Node): string {
  const inner = children.map((child) => (typeof child === 'string' ? child : meaning(child))).join('');
  const named = attributes.map(([key, value]) => `${key} ${JSON.stringify(value)}`).sort();
  return `(${name} [${named.join()}] ${inner})`;
}
