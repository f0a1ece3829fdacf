import assert from 'node:assert/strict';
import { formatDestination, parseDestination, sameServer } from '../../../src/core/transfer/destination.ts';

function read(text: string): string | undefined {
  const destination = parseDestination(text);
  return destination === undefined ? undefined : formatDestination(destination);
}

describe('the destination of a connection transfer', () => {
  it('is a name or an address, with or without a port', () => {
    assert.deepEqual(parseDestination('123.123.123.122'), { host: '123.123.123.122', port: undefined });
    assert.deepEqual(parseDestination('server2.jabber.org'), { host: 'server2.jabber.org', port: undefined });
    assert.deepEqual(parseDestination('server3.jabber.org:6222'), { host: 'server3.jabber.org', port: 6222 });
    assert.deepEqual(parseDestination('jabber.org'), { host: 'jabber.org', port: undefined });
    assert.deepEqual(parseDestination('[2001:41D0:1:A49b::1]:9222'), { host: '[2001:41d0:1:a49b::1]', port: 9222 });
    assert.deepEqual(parseDestination('[::1]'), { host: '[::1]', port: undefined });
  });

  it('may be an IPv6 address without brackets, if it has no port', () => {
    assert.equal(read('2001:DB8::1'), '[2001:db8::1]');
    assert.equal(read('::'), '[::]');
    assert.equal(read('::ffff:10.0.0.1'), '[::ffff:10.0.0.1]');
    assert.equal(read('1:2:3:4:5:6:7:8'), '[1:2:3:4:5:6:7:8]');
  });

  it('is prepared: lower case, no final dot, no white space around it', () => {
    assert.equal(read('\n   Server2.Jabber.ORG. \t'), 'server2.jabber.org');
    assert.equal(read(' Server2.Jabber.ORG:5222 '), 'server2.jabber.org:5222');
  });

  it('is nothing else', () => {
    const wrong = [
      ['', ' ', ':', ':5222', 'host:', 'host:0', 'host:65536', 'host:123456', 'host:5222x', 'host:-1', 'host:+1'],
      ['a b', 'a/b', 'user@host', 'xmpp:host', 'xmpp://host:5222', 'a..b', '-a', 'a_b!', 'host\u0000', 'a:1:2'],
      ['1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.4:0', '12345'],
      ['[::1', '::1]', '[::1]5222', '[]', '[:]', ':::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1::2::3', '[host]'],
      ['1:2:3:4:5:6:7::8', '::12345', '::g', '::1%eth0', '::1.2.3', '1.2.3.4::'],
      [`${'a'.repeat(64)}.example`, 'a'.repeat(600), ' '.repeat(600)],
    ];
    for (const text of wrong.flat()) assert.equal(parseDestination(text), undefined, JSON.stringify(text));
  });

  it('is the same server, whatever the port, where one of the two names none', () => {
    const same = (a: string, b: string): boolean => {
      const [one, two] = [parseDestination(a), parseDestination(b)];
      assert.ok(one !== undefined && two !== undefined);
      return sameServer(one, two);
    };
    assert.equal(same('node1.example', 'NODE1.example:5222'), true);
    assert.equal(same('node1.example:5222', 'node1.example:5222'), true);
    assert.equal(same('node1.example:5222', 'node1.example:6222'), false);
    assert.equal(same('node1.example', 'node2.example'), false);
    assert.equal(same('::1', '[::1]:5222'), true);
  });
});
