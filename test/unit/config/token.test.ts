import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config/load.ts';
import { inFolder, lines, load, minimal } from './fixture.ts';

const token = 'long-enough-for-a-token';

function http(values: Readonly<Record<string, unknown>>): object {
  return { ...minimal, http: { listen: '127.0.0.1:8600', ...values } };
}

/** Loads a configuration whose `tokenFile` holds `content`. */
function fromFile(content: string, mode = 0o600) {
  return inFolder((folder) => {
    const file = join(folder, 'c.json');
    writeFileSync(file, JSON.stringify(http({ tokenFile: 't' })), { mode: 0o600 });
    writeFileSync(join(folder, 't'), content);
    chmodSync(join(folder, 't'), mode);
    return loadConfig({ file });
  });
}

describe('the token for commands', () => {
  it('is written in the configuration or in a file, and is shown nowhere', () => {
    assert.equal(load(minimal).config.http.token, undefined);
    const { config, sources } = load(http({ token }));
    assert.equal(config.http.token, token);
    assert.ok(!JSON.stringify(sources).includes(token));
    assert.ok(sources.some(({ path, value }) => path === 'http.token' && value === '(not shown)'));
    assert.equal(fromFile(`${token}\n`).config.http.token, token);
    const env = { SWITCHYARD_HTTP__TOKEN: token };
    assert.equal(load(http({ tokenFile: 'missing' }), { env }).config.http.token, token);
  });

  it('is long and of one word', () => {
    const problem =
      'A token has at least 16 characters of ASCII, and no space. | Write a long random text, such as that of: openssl rand -hex 32. | file c.json:16';
    for (const wrong of ['short', 'with a space in it, and long', 'with-ümlaut-and-long-enough']) {
      assert.deepEqual(lines(http({ token: wrong })), [`http.token | a text (not shown) | ${problem}`]);
    }
  });

  it('is written once, in a file that others cannot read', () => {
    assert.match(lines(http({ token, tokenFile: 't' }))[0] ?? '', /There are both "token" and "tokenFile"/);
    assert.match(lines(http({ tokenFile: 'missing' }))[0] ?? '', /http\.tokenFile .* There is no such file/);
    assert.throws(() => fromFile('short'), /at least 16 characters/);
    assert.match(JSON.stringify(fromFile(token, 0o644).warnings), /Every user of this machine can read the file/);
  });
});

describe('http.read', () => {
  it('is anyone where only this machine comes, and else who has the token, unless it is said', () => {
    for (const [listen, read] of [
      ['off', 'anyone'],
      ['127.0.0.1:8600', 'anyone'],
      ['127.3.2.1:8600', 'anyone'],
      ['[::1]:8600', 'anyone'],
      ['LocalHost:8600', 'anyone'],
      ['unix:/run/s.sock', 'anyone'],
      ['0.0.0.0:8600', 'token'],
      ['[::]:8600', 'token'],
      ['192.0.2.1:8600', 'token'],
      ['localhost.example.org:8600', 'token'],
    ] as const) {
      assert.equal(load(http({ listen })).config.http.read, read, listen);
      assert.equal(load(http({ listen, token, read: 'token' })).config.http.read, 'token');
      assert.equal(load(http({ listen, read: 'anyone' })).config.http.read, 'anyone');
    }
  });

  it('warns of readers from everywhere, and refuses to shut out everybody', () => {
    const [warning] = load(http({ listen: '0.0.0.0:8600', read: 'anyone' })).warnings;
    assert.equal(
      warning?.problem,
      'Other machines can reach this address, and it asks who only reads for no password.',
    );
    assert.deepEqual(lines(http({ read: 'token' })), [
      'http.read | "token" | There is no token, so nobody can read over TCP. | Write a "token" or a "tokenFile", or "anyone". | file c.json:16',
    ]);
    assert.equal(load(http({ read: 'token', listen: 'unix:/run/s.sock' })).config.http.read, 'token');
  });
});

describe('http.hosts', () => {
  it('are names as browsers send them', () => {
    const hosts = ['Ops.example.org', 'dash.example.org:8443', '[2001:DB8::1]:8600', 'xn--bcher-kva.example', 'a'];
    assert.deepEqual(
      load(http({ hosts })).config.http.hosts,
      hosts.map((host) => host.toLowerCase()),
    );
    for (const wrong of [
      '',
      '*',
      'http://ops.example.org',
      'ops.example.org/',
      'a b',
      'bücher.example',
      'a:99999',
      'a.',
      'u@a',
    ]) {
      assert.match(lines(http({ hosts: [wrong] }))[0] ?? '', /no host name as browsers send it/, wrong);
    }
  });
});

describe('http.listen', () => {
  it('may be a socket, whose path starts from the folder of the file', () => {
    inFolder((folder) => {
      const file = join(folder, 'c.json');
      for (const [written, path] of [
        ['unix:run/s.sock', join(folder, 'run/s.sock')],
        ['unix:/run/s.sock', '/run/s.sock'],
      ] as const) {
        writeFileSync(file, JSON.stringify(http({ listen: written })), { mode: 0o600 });
        assert.deepEqual(loadConfig({ file }).config.http.listen, { path });
      }
    });
    assert.equal(lines(http({ listen: 'unix:' })).length, 1);
  });
});

describe('transfers', () => {
  const transfers = (values: object): object => ({ ...minimal, transfers: values });

  it('are read with servers prepared', () => {
    const { service } = load(
      transfers({
        rules: { 'Node2.Example.org:5222': ['A@Example.org'] },
        servers: { '::1': ['*@b'] },
        drainTimeout: '5s',
      }),
    ).config;
    assert.deepEqual(service.transfers.rules, [
      { server: { host: 'node2.example.org', port: 5222 }, members: ['a@example.org'] },
    ]);
    assert.deepEqual(service.transfers.servers, [{ server: { host: '[::1]', port: undefined }, members: ['*@b'] }]);
    assert.equal(service.transfers.drain, 5_000);
  });

  it('are refused where a server is none, or a worker would have two homes', () => {
    assert.match(lines(transfers({ rules: { 'a b': ['*'] } }))[0] ?? '', /This is no server to connect to/);
    assert.match(lines(transfers({ rules: { a: [] } }))[0] ?? '', /This list is empty/);
    assert.match(lines(transfers({ rules: { a: ['x@y'], b: ['X@y'] } }))[0] ?? '', /"x@y" stands for "a" as well/);
    assert.match(lines(transfers({ servers: { a: ['x@y'], A: ['z@y'] } }))[0] ?? '', /same address as "a"/);
  });
});
