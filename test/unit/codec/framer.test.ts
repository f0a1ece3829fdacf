import assert from 'node:assert/strict';
import type { Frame } from '../../../src/xmpp/codec/frame.ts';
import { Framer } from '../../../src/xmpp/codec/framer.ts';
import { FramingError } from '../../../src/xmpp/codec/framing-error.ts';

/** What a framer finds in `chunks`. */
function frames(chunks: readonly Buffer[], limits = { stanza: 1 << 20, depth: 64 }): string[] {
  const found: string[] = [];
  const framer = new Framer(limits, {
    stanza: (frame) => found.push(frame.text),
    refused: (frame, why) => found.push(`${why} ${frame.text}`),
    streamEnd: () => found.push('end'),
  });
  for (const chunk of chunks) framer.push(chunk);
  return found;
}

function split(text: string, size: number): Buffer[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** Stanzas that a framer must cut whole, wherever the chunks end. */
const vectors = [
  "<message from='a' to='b'/>",
  '<message from="a>b" to=\'"\'><body>hi &amp; ho &#x1F600;</body></message>',
  '<message><body><![CDATA[<message> ]] ]> ]]]></body></message>',
  '<message><body>😀 é 漢字 ]] ></body><x xmlns="urn:y" a=\'>\' ><x><x/></x></x ></message >',
  "<p:iq xmlns:p='jabber:client' ><p:q/>\n</p:iq>",
  "<message xml:lang = 'de'\n id\t=\r'1' ><a/>&lt;<![CDATA[]]></message>",
  "<größe attr·x='1'/>",
];

describe('Framer', () => {
  it('cuts the same stanzas at every split point', () => {
    const text = `\n ${vectors.join(' \t')} </stream:stream>`;
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at++) {
      assert.deepEqual(frames([bytes.subarray(0, at), bytes.subarray(at)]), [...vectors, 'end'], `split at ${at}`);
    }
  });

  it('cuts the same stanzas from chunks of every small size', () => {
    for (let size = 1; size < 40; size++) {
      assert.deepEqual(frames(split(`${vectors.join('')}</stream:stream>`, size)), [...vectors, 'end'], `size ${size}`);
    }
  });

  it('notes the same offsets wherever the chunks end', () => {
    const text = "<message from='a' to='b'><body a='1'>x</body> <x/><y xmlns='z'><deep/></y></message>";
    const note = (chunks: readonly Buffer[]): string => {
      let noted = '';
      const stanza = (frame: Frame): void => {
        const { attributes, ownAttributes, children, childrenEnd, nameEnd, openEnd, closeStart } = frame;
        const kept = children.slice(0, childrenEnd);
        noted = JSON.stringify([nameEnd, openEnd, closeStart, ownAttributes, kept, attributes.slice(0, kept.at(-1))]);
      };
      const framer = new Framer({ stanza: 1000, depth: 9 }, { stanza, refused: () => {}, streamEnd: () => {} });
      for (const chunk of chunks) framer.push(chunk);
      return noted;
    };
    const whole = note([Buffer.from(text)]);
    assert.match(whole, /^\[8,25,/);
    for (let size = 1; size < text.length; size++) assert.equal(note(split(text, size)), whole, `size ${size}`);
  });

  it('ignores what comes after the end of the stream', () => {
    assert.deepEqual(frames([Buffer.from('</stream:stream>&&&'), Buffer.from('<<<')]), ['end']);
  });

  it('passes a 200 KB body in chunks of one TCP segment', () => {
    const text = `<message><body>${'0123456789 äöü '.repeat(12_000)}</body></message>`;
    assert.deepEqual(frames(split(text, 1448)), [text]);
  });

  it('passes a 200 KB attribute in chunks of one TCP segment', () => {
    const text = `<message><x a='${'0123456789'.repeat(20_000)}'/></message>`;
    assert.deepEqual(frames(split(text, 1448)), [text]);
  });

  it('passes a tag of a thousand attributes, and finds one that stands twice', () => {
    const attributes = Array.from({ length: 1000 }, (_, i) => ` a${i}='${i}'`).join('');
    const text = `<message><x${attributes}/></message>`;
    assert.deepEqual(frames([Buffer.from(text)]), [text]);
    assert.throws(() => frames([Buffer.from(`<message><x${attributes} a7='0'/>`)]), FramingError);
  });
});

describe('Framer limits', () => {
  const after = "<presence from='a' to='b'/>";

  it('skips a stanza over the size limit, keeps its open tag, and goes on', () => {
    const text = `<message from='a' to='b'><body>${'x'.repeat(300)}</body></message>${after}`;
    for (const size of [1, 7, 50, 120]) {
      assert.deepEqual(frames(split(text, size), { stanza: 200, depth: 9 }), [
        "too-large <message from='a' to='b'>",
        after,
      ]);
    }
  });

  it('counts bytes, not characters', () => {
    const text = `<message>${'€'.repeat(100)}</message>`;
    assert.deepEqual(frames([Buffer.from(text)], { stanza: Buffer.byteLength(text), depth: 9 }), [text]);
    assert.deepEqual(frames([Buffer.from(text)], { stanza: Buffer.byteLength(text) - 1, depth: 9 }), [
      `too-large ${text}`,
    ]);
  });

  it('skips a stanza whose tags alone are over the limit', () => {
    const long = 'x'.repeat(300);
    for (const size of [1, 7, 50]) {
      const outer = `<message id='1' a='${long}/>'><b/></message>${after}`;
      const [first, second] = frames(split(outer, size), { stanza: 200, depth: 9 });
      assert.match(first ?? '', /^too-large <message id='1' a='x+$/);
      assert.equal(second, after);
      const inner = `<message><${long} a='>'><c/></${long}></message>${after}`;
      assert.deepEqual(frames(split(inner, size), { stanza: 200, depth: 9 }), ['too-large <message>', after]);
      const empty = `<message a='${long}'/>${after}`;
      assert.equal(frames(split(empty, size), { stanza: 200, depth: 9 }).at(-1), after);
    }
  });

  it('skips a stanza over the depth limit, and goes on', () => {
    const text = `<message id='1'>${'<a>'.repeat(500)}${'</a>'.repeat(500)}</message>${after}`;
    for (const size of [1, 10, 10_000]) {
      assert.deepEqual(frames(split(text, size), { stanza: 1 << 20, depth: 64 }), ["too-deep <message id='1'>", after]);
    }
    const fits = `<a>${'<a>'.repeat(62)}<a/>${'</a>'.repeat(62)}</a>`;
    assert.deepEqual(frames([Buffer.from(fits)]), [fits]);
  });
});

/** Bytes that no XMPP stream holds, each with the condition they are told. */
const hostile: readonly (readonly [string, string | Buffer, string])[] = [
  ['junk between stanzas', 'x<message/>', 'not-well-formed'],
  ['CDATA between stanzas', '<![CDATA[ ]]>', 'not-well-formed'],
  ['an end tag of another element', '<message><a></b></message>', 'not-well-formed'],
  ['an end tag with a longer name', '<message><a></aa></message>', 'not-well-formed'],
  ['an end tag with an attribute', "<message></message a='1'>", 'not-well-formed'],
  ['an end tag too many', '<message></message></message>', 'not-well-formed'],
  ['a comment', '<message><!-- x --></message>', 'restricted-xml'],
  ['a document type', '<!DOCTYPE x>', 'restricted-xml'],
  ['an XML declaration', "<?xml version='1.0'?>", 'restricted-xml'],
  ['a processing instruction', '<message><?x y?></message>', 'restricted-xml'],
  ['an unknown entity', '<message>&nbsp;</message>', 'not-well-formed'],
  ['a bare ampersand', '<message>a & b</message>', 'not-well-formed'],
  ['an ampersand before a tag', '<message>a &</message>', 'not-well-formed'],
  ['an endless reference', `<message>&${'a'.repeat(40)}`, 'not-well-formed'],
  ['an ampersand in a value', "<message a='&'/>", 'not-well-formed'],
  ['a reference to NUL', '<message>&#0;</message>', 'not-well-formed'],
  ['a reference to a surrogate', '<message>&#xD800;</message>', 'not-well-formed'],
  ['a reference beyond Unicode', '<message>&#x110000;</message>', 'not-well-formed'],
  ['a reference to U+FFFE', "<message a='&#xFFFE;'/>", 'not-well-formed'],
  ['a < in a value', "<message a='<'/>", 'not-well-formed'],
  ['an attribute twice', "<message from='a' to='b' from='c'/>", 'not-well-formed'],
  ['an attribute without a value', '<message a/>', 'not-well-formed'],
  ['a value without quotes', '<message a=b/>', 'not-well-formed'],
  ['attributes without space', "<message a='1'b='2'/>", 'not-well-formed'],
  ['a / in a tag', "<message / a='1'>", 'not-well-formed'],
  ['no name', '<message>< a/></message>', 'not-well-formed'],
  ['a digit that begins a name', '<message><1/></message>', 'not-well-formed'],
  ['a name with a forbidden character', '<message><a×b/></message>', 'not-well-formed'],
  ['a control character in text', '<message>\u0001</message>', 'not-well-formed'],
  ['a control character in a value', "<message a='\u0008'/>", 'not-well-formed'],
  ['a control character in CDATA', '<message><![CDATA[\u0000]]></message>', 'not-well-formed'],
  ['U+FFFF', '<message>\uffff</message>', 'not-well-formed'],
  [']]> in text', '<message>a]]>b</message>', 'not-well-formed'],
  [
    'the namespace of xml as default',
    "<message><a xmlns='http://www.w3.org/XML/1998/namespace'/></message>",
    'not-well-formed',
  ],
  ['a byte that is no UTF-8', Buffer.from([0x3c, 0x61, 0x3e, 0xff]), 'not-well-formed'],
  ['an overlong form', Buffer.from([0x3c, 0x61, 0x3e, 0xc0, 0xaf, 0x3c]), 'not-well-formed'],
  ['an encoded surrogate', Buffer.from([0x3c, 0x61, 0x3e, 0xed, 0xa0, 0x80]), 'not-well-formed'],
];

describe('Framer, of hostile input', () => {
  it('finds an attribute that stands twice after any others', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const pairs = letters.split('').flatMap((first) => letters.split('').map((second) => first + second));
    for (const pair of pairs.filter((name) => name !== 'aa' && name !== 'zz')) {
      const text = `<message><x aa='' ${pair}='' zz='' zz=''/></message>`;
      assert.throws(() => frames([Buffer.from(text)]), FramingError, text);
    }
  });

  for (const [what, input, condition] of hostile) {
    it(`refuses ${what}`, () => {
      const bytes = Buffer.concat([Buffer.from('<presence/>'), Buffer.from(input), Buffer.from('<presence/>')]);
      for (const size of [1, 3, 1000]) {
        const found: string[] = [];
        const stanza = (frame: Frame): void => {
          found.push(frame.text);
        };
        const framer = new Framer({ stanza: 1 << 20, depth: 9 }, { stanza, refused: () => {}, streamEnd: () => {} });
        const push = (): void => {
          for (let at = 0; at < bytes.length; at += size) framer.push(bytes.subarray(at, at + size));
        };
        assert.throws(push, (error) => error instanceof FramingError && error.condition === condition);
        assert.throws(() => framer.push(Buffer.from('<a/>')), FramingError);
        assert.ok(
          found.every((text) => text === '<presence/>' || text === '<message></message>'),
          found.join(),
        );
      }
    });
  }

  it('says what and where, and quotes nothing', () => {
    assert.throws(
      () => frames([Buffer.from('<presence/>'), Buffer.from('<message><body>secret & lies</body></message>')]),
      /^FramingError: There is an & that begins no reference XMPP allows\. It is in <message>, after about 11 characters of the stream\.$/,
    );
  });
});
