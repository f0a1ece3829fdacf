import assert from 'node:assert/strict';
import { readElement } from '../../../src/xmpp/codec/element-reader.ts';
import { decode } from './recorder.ts';

const head = "<message from='a@example.net/r' to='jobs@pools.example.org'";

/** The value of a key in a message with these children, after all that the codec does to them. */
function read(children: string, key: { namespace?: string; name?: string; attribute?: string }, more = ''): unknown {
  const [stanza] = decode(`${head}${more}>${children}</message>`).stanzas;
  assert.ok(stanza?.kind === 'message');
  const { namespace = 'urn:shop', name = 'order', attribute } = key;
  return readElement(stanza.tail, { by: 'element', namespace, name, attribute });
}

describe('reading an element of a message', () => {
  it('gives its text, references resolved', () => {
    assert.equal(read("<body>x</body><order xmlns='urn:shop'>a&amp;<![CDATA[<b>]]></order>", {}), 'a&<b>');
    assert.equal(read("<order xmlns='urn:shop'/>", {}), undefined);
  });

  it('gives an attribute', () => {
    assert.equal(read("<order xmlns='urn:shop' customer='&apos;7&apos;'/>", { attribute: 'customer' }), "'7'");
    assert.equal(read("<order xmlns='urn:shop' customer=''/>", { attribute: 'customer' }), undefined);
    assert.equal(read("<order xmlns='urn:shop'>7</order>", { attribute: 'customer' }), undefined);
  });

  it('goes by namespace, however it is written', () => {
    assert.equal(read("<order xmlns='urn:other'>1</order><order xmlns='urn:shop'>2</order>", {}), '2');
    assert.equal(read("<p:order xmlns:p='urn:shop'>3</p:order>", {}), '3');
    assert.equal(read('<p:order>4</p:order>', {}, " xmlns:p='urn:shop'"), '4');
    assert.equal(read('<order>5</order>', {}), undefined);
  });

  it('takes the two names of the namespace of stanzas for one', () => {
    for (const children of ['<subject>s</subject>', "<subject xmlns='jabber:component:accept'>s</subject>"]) {
      assert.equal(read(children, { namespace: 'jabber:client', name: 'subject' }), 's');
    }
  });

  it('finds children only, and only what is there', () => {
    assert.equal(read("<x xmlns='urn:shop'><order>1</order></x>", {}), undefined);
    assert.equal(read('<body>an order of urn:shop</body>', {}), undefined);
    assert.equal(read('', {}), undefined);
  });
});
