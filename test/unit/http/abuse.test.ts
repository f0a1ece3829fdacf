import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type HttpOptions, HttpServer } from '../../../src/http/server.ts';
import { eventsOf } from '../../support/clients/event-stream.ts';
import { exchange, openRequest } from '../../support/clients/http-client.ts';
import { httpOptions } from '../../support/router/http-options.ts';

describe('http: clients that mean ill', () => {
  const running: HttpServer[] = [];
  let performed: Readonly<Record<string, unknown>>[];

  beforeEach(() => {
    performed = [];
  });
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
  });

  async function start(options: Partial<HttpOptions> = {}): Promise<string> {
    const perform: HttpOptions['perform'] = (_name, given) => {
      performed.push(given);
      return { done: { given } };
    };
    const server = new HttpServer({ ...httpOptions, read: 'anyone', perform, ...options });
    running.push(server);
    return server.start();
  }

  async function open(listen: string): Promise<Socket> {
    const socket = connect(Number(listen.split(':')[1]), '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  /** All that the server says until it closes. */
  async function untilClosed(socket: Socket): Promise<string> {
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    if (!socket.closed) await once(socket, 'close');
    return text;
  }

  const post = 'POST /v1/commands/pools.list HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

  it('cannot hold a connection by a body that never comes to its end', async () => {
    const listen = await start({ limits: { headersTimeout: 100, requestTimeout: 200, idleTimeout: 60_000 } });
    const silent = await open(listen);
    silent.write(`${post}Content-Length: 100\r\n\r\n{`);
    const dribbling = await open(listen);
    dribbling.write(`${post}Transfer-Encoding: chunked\r\n\r\n`);
    const drip = setInterval(() => dribbling.write('1\r\n \r\n'), 20);
    const said = await Promise.all([silent, dribbling].map(untilClosed));
    clearInterval(drip);
    for (const text of said) match(text, /^HTTP\/1\.1 408 /);
    equal((await exchange(listen, { path: '/healthz' })).status, 200);
    deepEqual(performed, []);
  });

  it('cannot hold all connections by heads that never come to their end', async () => {
    const limits = { connections: 8, headersTimeout: 300, requestTimeout: 300, idleTimeout: 60_000 };
    const listen = await start({ limits });
    const slow = await Promise.all(Array.from({ length: 8 }, () => open(listen)));
    for (const socket of slow) socket.write('GET /v1/session HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    const drip = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write('x');
    }, 20);
    await Promise.all(slow.map(untilClosed));
    clearInterval(drip);
    equal((await exchange(listen, { path: '/v1/session' })).status, 200);
  });

  it('are cut off at the limit of a body, whatever they say of its length', async () => {
    const listen = await start();
    const endless = await open(listen);
    endless.write(`${post}Transfer-Encoding: chunked\r\n\r\n`);
    const chunk = `${(16_384).toString(16)}\r\n${'x'.repeat(16_384)}\r\n`;
    const pour = setInterval(() => {
      if (endless.writable) endless.write(chunk);
    }, 1);
    const text = await untilClosed(endless);
    clearInterval(pour);
    match(text, /^HTTP\/1\.1 413 .*"body-too-large"/s);
    for (const length of ['65537', '99999999999', '9007199254740993']) {
      const socket = await open(listen);
      socket.write(`${post}Content-Length: ${length}\r\n\r\n`);
      match(await untilClosed(socket), /^HTTP\/1\.1 413 /, length);
    }
    for (const length of ['-1', '0x10', '1, 2', '1\r\nContent-Length: 2']) {
      const socket = await open(listen);
      socket.write(`${post}Content-Length: ${length}\r\n\r\n{}`);
      match(await untilClosed(socket), /^HTTP\/1\.1 400 /, length);
    }
    deepEqual(performed, []);
  });

  it('cannot make one request look like two, or like one of another form', async () => {
    const listen = await start();
    const cases: readonly (readonly [string, RegExp])[] = [
      [`${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, /^HTTP\/1\.1 400 /],
      [`${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`, /^HTTP\/1\.1 400 /],
      ['GET /healthz HTTP/1.1\nHost: localhost\n\n', /^HTTP\/1\.1 400 /],
      ['GET /healthz HTTP/1.1\r\nHost: localhost\r\nX\r\n: y\r\n\r\n', /^HTTP\/1\.1 400 /],
      ['GET /healthz HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
      ['CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n', /^(?!HTTP\/1\.1 2)/],
      [
        'GET http://evil.example/v1/commands/pools.list HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
        /^HTTP\/1\.1 404 /,
      ],
      ['GET //v1/commands/pools.list HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 404 /],
      [
        'GET /v1/watch/pools.list HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
        /^HTTP\/1\.1 200 .*text\/event-stream/s,
      ],
    ];
    for (const [bytes, expected] of cases) {
      const socket = await open(listen);
      socket.write(bytes);
      const [first] = (await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])])) as [unknown];
      match(String(first), expected, bytes);
      socket.destroy();
    }
  });

  it('cannot write heads or events of their own into answers', async () => {
    const listen = await start();
    const nasty = 'x\r\nSet-Cookie: a=b\r\n\r\nevent: state\ndata: {"forged":true}\n\n\u2028<script>';
    const query = `pool=${encodeURIComponent(nasty)}`;
    const { headers, text } = await exchange(listen, { path: `/v1/commands/pools.show?${query}` });
    equal(headers['set-cookie'], undefined);
    equal(headers['content-type'], 'application/json; charset=utf-8');
    deepEqual(JSON.parse(text), { given: { pool: nasty } });
    const stream = await openRequest(listen, { path: `/v1/watch/pools.show?${query}&interval=60000` });
    for await (const { event, data } of eventsOf(stream)) {
      deepEqual([event, JSON.parse(data)], ['state', { given: { pool: nasty } }]);
      break;
    }
    const unknown = await exchange(listen, { path: `/v1/${encodeURIComponent(nasty)}` });
    deepEqual(
      [unknown.status, unknown.headers['set-cookie'], unknown.text.includes('forged')],
      [404, undefined, false],
    );
  });

  it('find no more in a name than what was put there', async () => {
    const listen = await start({ listen: '127.0.0.1:0' });
    for (const name of [
      '__proto__',
      'constructor',
      'toString',
      'pools.list%00',
      'pools.list/',
      'POOLS.LIST',
      '..%2fsession',
      'pools%2elist',
    ]) {
      for (const root of ['/v1/commands/', '/v1/watch/']) {
        equal((await exchange(listen, { path: `${root}${name}` })).status, 404, name);
      }
    }
    await exchange(listen, { path: '/v1/commands/pools.list?__proto__=1&constructor=2' });
    const [given = {}] = performed;
    deepEqual(Object.keys(given).sort(), ['__proto__', 'constructor']);
    ok(({} as Record<string, unknown>)['1'] === undefined);
  });
});
