import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { CommandResult } from '../../../src/core/commands/command.ts';
import { askApi } from '../../../src/http/client.ts';
import { parseListenAddress } from '../../../src/http/listen-address.ts';
import { HttpServer } from '../../../src/http/server.ts';
import { httpOptions } from '../../support/router/http-options.ts';

const token = 'correct-horse-battery-staple';

interface Given {
  readonly name: string;
  readonly given: Readonly<Record<string, unknown>>;
}

describe('http: commands', () => {
  const running: HttpServer[] = [];
  let folder: string;
  let performed: Given[];
  let result: CommandResult;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-http-'));
    performed = [];
    result = { done: { id: '1' } };
  });
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(listen = '127.0.0.1:0', secret: string | null = token, read: 'anyone' | 'token' = 'token') {
    const server = new HttpServer({
      ...httpOptions,
      listen,
      read,
      token: secret ?? undefined,
      perform: (name, given) => {
        performed.push({ name, given });
        return result;
      },
    });
    running.push(server);
    const address = parseListenAddress(await server.start());
    ok(address !== undefined);
    return address;
  }

  type Address = Awaited<ReturnType<typeof start>>;

  /** A request in every odd form. */
  function send(
    address: Address,
    options: { method?: string; path?: string; headers?: Record<string, string>; body?: string },
  ): Promise<{ status: number; code: string | undefined; headers: NodeJS.Dict<string | string[]> }> {
    const { method = 'POST', path = '/v1/transfers', body } = options;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...options.headers };
    return new Promise((resolve, reject) => {
      const to = address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port };
      const request = httpRequest({ ...to, method, path, headers, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => {
          const read = text === '' ? {} : (JSON.parse(text) as { error?: { code: string } });
          resolve({ status: response.statusCode ?? 0, code: read.error?.code, headers: response.headers });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  it('reach the router, each by its path', async () => {
    const address = await start();
    const target = { address, token };
    const body = { scenario: 'maintenance', pool: 'jobs', batch: 2 };
    deepEqual(await askApi(target, 'POST', '/v1/transfers', body), { status: 202, body: { id: '1' } });
    await askApi(target, 'POST', '/v1/transfers', { scenario: 'rebalance', from: 'a', to: 'b', percent: 5 });
    await askApi(target, 'GET', '/v1/transfers');
    await askApi(target, 'GET', '/v1/transfers/7?verbose=1');
    await askApi(target, 'GET', '/v1/transfers/7?skip=20');
    equal((await askApi(target, 'POST', '/v1/transfers/7/cancel')).status, 200);
    deepEqual(performed, [
      { name: 'transfers.maintenance', given: { pool: 'jobs', batch: 2 } },
      { name: 'transfers.rebalance', given: { from: 'a', to: 'b', percent: 5 } },
      { name: 'transfers.list', given: {} },
      { name: 'transfers.show', given: { id: '7' } },
      { name: 'transfers.show', given: { id: '7', skip: '20' } },
      { name: 'transfers.cancel', given: { id: '7' } },
    ]);
  });

  it('reach the router by their names, and what only reads by a GET too', async () => {
    const target = { address: await start(), token };
    equal((await askApi(target, 'POST', '/v1/commands/workers.drain', { worker: 'a@b/c' })).status, 200);
    equal((await askApi(target, 'GET', '/v1/commands/workers.list?pool=jobs&limit=5')).status, 200);
    equal((await askApi(target, 'POST', '/v1/commands/workers.list', { pool: 'jobs' })).status, 200);
    equal((await askApi(target, 'GET', '/v1/commands/workers.drain?worker=a')).status, 405);
    equal((await askApi(target, 'GET', '/v1/commands/__proto__')).status, 404);
    equal((await askApi(target, 'POST', '/v1/commands/no.such', {})).status, 404);
    deepEqual(performed, [
      { name: 'workers.drain', given: { worker: 'a@b/c' } },
      { name: 'workers.list', given: { pool: 'jobs', limit: '5' } },
      { name: 'workers.list', given: { pool: 'jobs' } },
    ]);
  });

  it('are listed with what each wants to know', async () => {
    const { body } = await askApi({ address: await start(), token }, 'GET', '/v1/commands');
    const { commands } = body as { commands: { name: string; reads: boolean; fields: { name: string }[] }[] };
    const list = commands.find(({ name }) => name === 'workers.list');
    deepEqual([list?.reads, list?.fields.map(({ name }) => name)], [true, ['pool', 'skip', 'limit']]);
    deepEqual(performed, []);
  });

  it('may be answered later', async () => {
    const target = { address: await start(), token };
    const pool = { pool: 'jobs', algorithm: 'all' };
    result = { later: Promise.resolve({ done: { id: '2' } }) };
    deepEqual(await askApi(target, 'POST', '/v1/commands/pools.algorithm', pool), { status: 200, body: { id: '2' } });
    result = { later: Promise.resolve({ refused: 'store-failed' }) };
    equal((await askApi(target, 'POST', '/v1/commands/pools.algorithm', pool)).status, 500);
  });

  it('are refused as the error table says, with the field that is to blame', async () => {
    const target = { address: await start(), token };
    result = { refused: 'transfer-unknown' };
    const unknown = await askApi(target, 'GET', '/v1/transfers/7');
    equal(unknown.status, 404);
    match(JSON.stringify(unknown.body), /"code":"transfer-unknown","text":"There is no run/);
    result = { refused: 'command-input', field: 'batch', text: 'No.' };
    deepEqual(await askApi(target, 'POST', '/v1/transfers', { scenario: 'maintenance' }), {
      status: 400,
      body: { error: { code: 'command-input', text: 'No.', field: 'batch' } },
    });
  });

  it('need the token over TCP', async () => {
    const address = await start();
    for (const authorization of [
      '',
      'Bearer',
      'Bearer wrong',
      `Basic ${token}`,
      `Bearer ${token}x`,
      `Bearer x ${token}`,
    ]) {
      const { status, code, headers } = await send(address, { headers: { authorization }, body: '{}' });
      deepEqual([status, code, headers['www-authenticate']], [401, 'unauthorized', 'Bearer'], authorization);
    }
    equal((await send(address, { headers: { authorization: `bearer  ${token}` }, method: 'GET' })).status, 200);
    deepEqual(
      performed.map(({ name }) => name),
      ['transfers.list'],
    );
  });

  it('that only read and show no messages need it only where the configuration says so', async () => {
    const open = await start('127.0.0.1:0', token, 'anyone');
    const bare = await start('127.0.0.1:0', null, 'anyone');
    for (const [method, path, need] of [
      ['GET', '/v1/commands', 'read'],
      ['GET', '/v1/commands/pools.list', 'read'],
      ['POST', '/v1/commands/pools.list', 'read'],
      ['GET', '/v1/transfers', 'read'],
      ['GET', '/v1/transfers/7', 'read'],
      ['GET', '/v1/commands/queue.list', 'all'],
      ['POST', '/v1/commands/queue.show', 'all'],
      ['GET', '/v1/commands/queue.dead', 'all'],
      ['POST', '/v1/commands/workers.drain', 'all'],
      ['POST', '/v1/transfers', 'all'],
      ['POST', '/v1/transfers/7/cancel', 'all'],
    ] as const) {
      const request = { method, path, ...(method === 'POST' ? { body: '{"scenario":"maintenance"}' } : {}) };
      const granted = (await send(open, request)).status;
      ok(granted < 300, path);
      equal((await send(open, { ...request, headers: { authorization: 'Bearer wrong-and-long-enough' } })).status, 401);
      const without = { ...request, headers: { authorization: '' } };
      equal((await send(open, without)).status, need === 'all' ? 401 : granted, path);
      equal((await send(bare, without)).status, need === 'all' ? 403 : granted, path);
    }
    // The password of a proxy before us is none of ours.
    const basic = { headers: { authorization: 'Basic YTpi' }, method: 'GET' };
    equal((await send(open, basic)).status, 200);
  });

  it('are for a client to try, and it is told which', async () => {
    const sessionOf = async (address: Address, sent: string | undefined) =>
      (await askApi({ address, token: sent }, 'GET', '/v1/session')).body;
    const version = '1.2.3';
    const shut = await start();
    deepEqual(await sessionOf(shut, undefined), { write: false, tokenNeeded: true, version });
    deepEqual(await sessionOf(shut, 'wrong-and-long-enough'), { write: false, tokenNeeded: true, version });
    deepEqual(await sessionOf(shut, token), { write: true, tokenNeeded: false, version });
    const open = await start('127.0.0.1:0', token, 'anyone');
    deepEqual(await sessionOf(open, undefined), { write: false, tokenNeeded: false, version });
    deepEqual(await sessionOf(open, token), { write: true, tokenNeeded: false, version });
    const bare = await start('127.0.0.1:0', null, 'anyone');
    deepEqual(await sessionOf(bare, token), { write: false, tokenNeeded: false, version });
    const socket = await start(`unix:${join(folder, 'router.sock')}`, null);
    deepEqual(await sessionOf(socket, undefined), { write: true, tokenNeeded: false, version });
  });

  it('are not taken over TCP when no token is set, and it says what to do', async () => {
    const address = await start('127.0.0.1:0', null);
    const { status, body } = await askApi({ address, token }, 'GET', '/v1/transfers');
    equal(status, 403);
    match(JSON.stringify(body), /not-configured.*http\.token.*unix:/);
    deepEqual(performed, []);
  });

  it('need no token over a socket, which only its owner can open', async () => {
    const path = join(folder, 'router.sock');
    const address = await start(`unix:${path}`, null);
    equal(statSync(path).mode & 0o777, 0o600);
    equal((await askApi({ address, token: undefined }, 'GET', '/v1/transfers')).status, 200);
  });

  it('are refused with a body, a path or a method that is none', async () => {
    const address = await start();
    const start202 = JSON.stringify({ scenario: 'maintenance' });
    const cases: [Parameters<typeof send>[1], number, string][] = [
      [{ body: '[]' }, 400, 'malformed'],
      [{ body: '"text"' }, 400, 'malformed'],
      [{ body: '{' }, 400, 'malformed'],
      [{ body: 'null' }, 400, 'malformed'],
      [{ body: '{}' }, 400, 'command-input'],
      [{ body: '{"scenario":"show"}' }, 400, 'command-input'],
      [{ body: '{"scenario":"__proto__"}' }, 400, 'command-input'],
      [{ body: start202, headers: { 'content-type': 'text/plain' } }, 415, 'not-json'],
      [{ body: start202, headers: { 'content-type': 'application/jsonx' } }, 415, 'not-json'],
      [{ body: `{"a":"${'x'.repeat(70_000)}"}` }, 413, 'body-too-large'],
      [{ body: `{"a":"${'x'.repeat(70_000)}"}`, headers: { 'transfer-encoding': 'chunked' } }, 413, 'body-too-large'],
      [{ method: 'PUT', body: '{}' }, 405, 'method-not-allowed'],
      [{ method: 'DELETE', path: '/v1/transfers/1' }, 405, 'method-not-allowed'],
      [{ method: 'GET', path: '/v1/transfers/1/cancel' }, 405, 'method-not-allowed'],
      [{ method: 'GET', path: '/v1/' }, 404, 'not-found'],
      [{ method: 'GET', path: '/v1/transfers/' }, 404, 'not-found'],
      [{ method: 'GET', path: '/v1/transfers/../../etc' }, 404, 'not-found'],
      [{ method: 'GET', path: '/v1/transfers/%2e%2e' }, 404, 'not-found'],
      [{ method: 'GET', path: '/v1/transfersx' }, 404, 'not-found'],
      [{ method: 'GET', path: `/v1/transfers/${'1'.repeat(33)}` }, 404, 'not-found'],
    ];
    for (const [options, status, code] of cases) {
      const answer = await send(address, options);
      deepEqual([answer.status, answer.code], [status, code], JSON.stringify(options).slice(0, 100));
    }
    deepEqual(performed, []);
    equal((await askApi({ address, token }, 'GET', '/v1/transfers')).status, 200);
  });

  it('survive any body', async () => {
    const address = await start();
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string({ maxLength: 200 })), async (body) => {
        const { status } = await send(address, { body });
        ok([200, 202, 400].includes(status), String(status));
      }),
      { numRuns: 50 },
    );
  });

  it('say so when nobody listens', async () => {
    const address = await start();
    for (const server of running.splice(0)) await server.stop();
    await rejects(askApi({ address, token }, 'GET', '/v1/transfers'), /ECONNREFUSED/);
  });
});
