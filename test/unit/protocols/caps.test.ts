import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { type CapsInput, capsVersion, writeCaps } from '../../../src/xmpp/protocols/caps.ts';
import { decode } from '../codec/recorder.ts';

const protocols = 'http://jabber.org/protocol/';
const disco = `${protocols}disco`;

const exodus: CapsInput = {
  identities: [{ category: 'client', type: 'pc', name: 'Exodus 0.9.1' }],
  features: [`${disco}#items`, `${disco}#info`, 'http://jabber.org/protocol/muc', 'http://jabber.org/protocol/caps'],
  forms: [],
};

describe('entity capabilities (XEP-0115)', () => {
  it('computes the version of the simple example, whatever the order', () => {
    equal(capsVersion(exodus), 'QgayPKawpkPSDYmwT/WM94uAlu0=');
    equal(capsVersion({ ...exodus, features: exodus.features.toReversed() }), 'QgayPKawpkPSDYmwT/WM94uAlu0=');
  });

  it('computes the version of the complex example, with languages and a form', () => {
    const version = capsVersion({
      identities: [
        { category: 'client', type: 'pc', lang: 'el', name: 'Ψ 0.11' },
        { category: 'client', type: 'pc', lang: 'en', name: 'Psi 0.11' },
      ],
      features: exodus.features,
      forms: [
        {
          type: 'urn:xmpp:dataforms:softwareinfo',
          fields: [
            { name: 'software', values: ['Psi'] },
            { name: 'os', values: ['Mac'] },
            { name: 'ip_version', values: ['ipv6', 'ipv4'] },
            { name: 'os_version', values: ['10.5.1'] },
            { name: 'software_version', values: ['0.11'] },
          ],
        },
      ],
    });
    equal(version, 'q07IKJEyjvHSyhy//CH0CxmKi8w=');
  });

  it('orders by bytes, not by the units of JavaScript', () => {
    const first = capsVersion({ ...exodus, features: ['\u{1f41d}', '\uff5e'] });
    equal(first, capsVersion({ ...exodus, features: ['\uff5e', '\u{1f41d}'] }));
    notEqual(first, capsVersion(exodus));
  });

  it('writes what a presence carries', () => {
    match(
      writeCaps({ node: "urn:a'b", version: 'x=' }),
      /^<c xmlns='[^']+caps' hash='sha-1' node='urn:a&apos;b' ver='x='\/>$/,
    );
  });
});

/** What is read of the answer to a request of ours, with these children. */
function received(children: string, type = 'result') {
  const query = `<query xmlns='${disco}#info' node='n#v'>${children}</query>`;
  const [stanza] = decode(`<iq from='w@h/1' to='jobs@s' id='i' type='${type}'>${query}</iq>`).stanzas;
  ok(stanza?.kind === 'iq-response');
  return stanza.info;
}

describe('a received disco#info answer', () => {
  const identity = "<identity category='client' type='pc' name='Exodus 0.9.1'/>";
  const features = exodus.features.map((feature) => `<feature var='${feature}'/>`).join('');

  it('has the version that its client announces', () => {
    deepEqual(received(identity + features), {
      version: 'QgayPKawpkPSDYmwT/WM94uAlu0=',
      features: exodus.features,
    });
  });

  it('has its version from languages and forms too', () => {
    const field = (name: string, ...values: string[]) =>
      `<field var='${name}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`;
    const identities =
      "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/><identity xml:lang='el' category='client' name='Ψ 0.11' type='pc'/>";
    const kind = "<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>";
    const form = `<x xmlns='jabber:x:data' type='result'>${kind}${field('ip_version', 'ipv4', 'ipv6')}${field('os', 'Mac')}${field('os_version', '10.5.1')}${field('software', 'Psi')}${field('software_version', '0.11')}</x>`;
    const other = "<x xmlns='jabber:x:data' type='result'><field var='a'><value>b</value></field></x>";
    equal(received(identities + features + form + other)?.version, 'q07IKJEyjvHSyhy//CH0CxmKi8w=');
    equal(received(identities + features + form + form), undefined, 'two forms of one type');
  });

  it('is not read when it says something twice, is too long, or no result', () => {
    equal(received(identity + identity + features), undefined);
    equal(received(identity + features + features), undefined);
    equal(received(Array.from({ length: 501 }, (_, n) => `<feature var='f${n}'/>`).join('')), undefined);
    equal(received(identity + features, 'error'), undefined);
  });
});

describe('capabilities on a presence', () => {
  const caps = (attributes: string) => {
    const [stanza] = decode(
      `<presence from='w@h/1' to='jobs@s'><c xmlns='${protocols}caps' ${attributes}/></presence>`,
    ).stanzas;
    ok(stanza?.kind === 'presence');
    return stanza.caps;
  };

  it('are read when their hash is SHA-1 and they are not too long', () => {
    deepEqual(caps("hash='sha-1' node='n' ver='v'"), { node: 'n', version: 'v' });
    for (const other of [
      "node='n' ver='v'",
      "hash='md5' node='n' ver='v'",
      "hash='sha-1' node='n'",
      "hash='sha-1' ver='v'",
    ]) {
      equal(caps(other), undefined, other);
    }
    equal(caps(`hash='sha-1' node='${'n'.repeat(1024)}' ver='v'`), undefined);
  });
});
