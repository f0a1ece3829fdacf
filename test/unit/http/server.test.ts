import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type HttpOptions, HttpServer } from '../../../src/http/server.ts';
import { httpOptions } from '../../support/router/http-options.ts';

const defaults: HttpOptions = {
  ...httpOptions,
  metrics: () => Promise.resolve('up 1\n'),
  metricsType: 'text/plain; version=0.0.4; charset=utf-8',
};

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

async function ask(address: string, path: string, method = 'GET', body?: string): Promise<Answer> {
  const request = httpRequest({ host: '127.0.0.1', port: portOf(address), path, method, agent: false });
  // Else a 'close' in the answer would only repeat the client's.
  request.setHeader('connection', 'keep-alive');
  if (body !== undefined) request.setHeader('content-length', body.length);
  request.end(body);
  const [response] = await once(request, 'response');
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: text };
}

async function open(address: string): Promise<Socket> {
  const socket = connect(portOf(address), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** All that the server says until it closes. */
async function drain(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  if (!socket.closed) await once(socket, 'close');
  return text;
}

describe('http server', () => {
  const running: HttpServer[] = [];

  async function start(options: Partial<HttpOptions> = {}): Promise<string> {
    const server = new HttpServer({ ...defaults, ...options });
    running.push(server);
    return server.start();
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
  });

  it('says that the process lives', async () => {
    const { status, headers, body } = await ask(await start(), '/healthz');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    assert.deepEqual(JSON.parse(body), { status: 'alive' });
  });

  it('says whether the service is ready, and why not, as of now', async () => {
    const reasons = [{ code: 'link-down', text: 'No server is attached.' }];
    const address = await start({ readiness: () => reasons });
    const before = await ask(address, '/readyz?verbose');
    assert.equal(before.status, 503);
    assert.deepEqual(JSON.parse(before.body), { ready: false, reasons });
    reasons.pop();
    const after = await ask(address, '/readyz');
    assert.equal(after.status, 200);
    assert.deepEqual(JSON.parse(after.body), { ready: true, reasons: [] });
  });

  it('says what the operator should look at, although it is ready', async () => {
    const warnings = [{ code: 'configuration-differs', text: 'Another is configured otherwise.' }];
    const { status, body } = await ask(await start({ remarks: () => warnings }), '/readyz');
    assert.deepEqual([status, JSON.parse(body)], [200, { ready: true, reasons: [], warnings }]);
  });

  it('shows the metrics with their content type', async () => {
    const { status, headers, body } = await ask(await start(), '/metrics');
    assert.deepEqual([status, headers['content-type'], body], [200, defaults.metricsType, 'up 1\n']);
  });

  it('answers HEAD like GET, without a body', async () => {
    const address = await start();
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      const get = await ask(address, path);
      const head = await ask(address, path, 'HEAD');
      assert.deepEqual([head.status, head.body], [get.status, '']);
      assert.equal(head.headers['content-length'], get.headers['content-length']);
    }
  });

  it('answers an unknown path with 404', async () => {
    const address = await start();
    for (const path of ['/x', '/metrics/', '/healthz/../x', '/%00', '//healthz']) {
      const { status, body } = await ask(address, path);
      assert.equal(status, 404, path);
      assert.equal(JSON.parse(body).error.code, 'not-found');
    }
  });

  it('answers another method with 405 and Allow', async () => {
    const address = await start();
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const { status, headers, body } = await ask(address, '/metrics', method, 'x');
      assert.deepEqual([status, headers['allow'], headers['connection']], [405, 'GET, HEAD', 'close'], method);
      assert.equal(JSON.parse(body).error.code, 'method-not-allowed');
    }
  });

  it('refuses a request with a body and closes', async () => {
    const { status, headers } = await ask(await start(), '/healthz', 'GET', 'x'.repeat(100_000));
    assert.deepEqual([status, headers['connection']], [413, 'close']);
  });

  it('answers 500 when a page cannot be made, tells why inside only, and goes on', async () => {
    const problems: unknown[] = [];
    const broken = new Error('no such thing');
    const address = await start({
      metrics: () => Promise.reject(broken),
      readiness: () => {
        throw broken;
      },
      onProblem: (error) => problems.push(error),
    });
    for (const path of ['/metrics', '/readyz', '/metrics']) {
      const { status, body } = await ask(address, path);
      assert.equal(status, 500);
      assert.doesNotMatch(body, /no such thing/);
    }
    assert.deepEqual(problems, [broken, broken, broken]);
    assert.equal((await ask(address, '/healthz')).status, 200);
  });

  it('makes the metrics once for all who ask meanwhile', async () => {
    let made = 0;
    const gate = new EventEmitter();
    const opened = once(gate, 'open').then(() => 'up 1\n');
    const address = await start({
      metrics: () => {
        made += 1;
        return opened;
      },
    });
    const sockets = await Promise.all(Array.from({ length: 20 }, () => open(address)));
    const answers = sockets.map(drain);
    for (const socket of sockets) socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    // Answered after the twenty were read: requests of one process arrive in the order sent.
    await ask(address, '/healthz');
    gate.emit('open');
    for (const answer of await Promise.all(answers)) assert.match(answer, /^HTTP\/1\.1 200 .*up 1\n$/s);
    assert.equal(made, 1);
    await ask(address, '/metrics');
    assert.equal(made, 2);
  });

  it('closes on a client that sends its request too slowly', async () => {
    const address = await start({ limits: { headersTimeout: 50, requestTimeout: 50 } });
    const socket = await open(address);
    socket.write('GET /healthz HTTP/1.1\r\nHost: ');
    assert.match(await drain(socket), /^HTTP\/1\.1 408 /);
    assert.equal((await ask(address, '/healthz')).status, 200);
  });

  it('closes on a client that says nothing', async () => {
    const address = await start({ limits: { idleTimeout: 50 } });
    assert.equal(await drain(await open(address)), '');
  });

  it('closes on a client that does not read its answer', async () => {
    const page = 'x'.repeat(64 * 1024 * 1024);
    const asked = new EventEmitter();
    const metrics = (): Promise<string> => {
      asked.emit('asked');
      return Promise.resolve(page);
    };
    const address = await start({ metrics, limits: { idleTimeout: 100, stopGrace: 60_000 } });
    const socket = await open(address);
    socket.pause();
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(asked, 'asked');
    // Waits for the answer under way: only the idle limit can end it before the long grace does.
    await running[0]?.stop();
    socket.resume();
    if (!socket.closed) await once(socket, 'close');
    assert.ok(socket.bytesRead < page.length);
  });

  it('answers rubbish with 400 and headers without end with 431, and goes on', async () => {
    const address = await start();
    const cases: [string | Buffer, RegExp][] = [
      ['\u0000\u0001\u0002 rubbish\r\n\r\n', /^HTTP\/1\.1 400 /],
      ["<stream:stream xmlns='jabber:component:accept'>", /^HTTP\/1\.1 400 /],
      [Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]), /^HTTP\/1\.1 400 /],
      [`GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
      [
        'GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
        /^HTTP\/1\.1 400 /,
      ],
    ];
    for (const [bytes, expected] of cases) {
      const socket = await open(address);
      socket.write(bytes);
      assert.match(await drain(socket), expected);
    }
    assert.equal((await ask(address, '/healthz')).status, 200);
  });

  it('survives clients that reset the connection', async () => {
    const address = await start();
    for (const bytes of ['', 'GET /hea', 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n']) {
      const socket = await open(address);
      socket.write(bytes);
      socket.resetAndDestroy();
      await once(socket, 'close');
    }
    assert.equal((await ask(address, '/healthz')).status, 200);
  });

  it('holds no more connections than it may, and serves again when they are gone', async () => {
    const address = await start({ limits: { connections: 4 } });
    const kept = await Promise.all(Array.from({ length: 4 }, () => open(address)));
    for (const socket of kept) {
      socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await once(socket, 'data');
    }
    const refused = await Promise.all(Array.from({ length: 200 }, () => open(address)));
    for (const text of await Promise.all(refused.map(drain))) assert.equal(text, '');
    for (const socket of kept) {
      const text = drain(socket);
      socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      assert.match(await text, /^HTTP\/1\.1 200 /);
    }
    assert.equal((await ask(address, '/healthz')).status, 200);
  });

  it('stops although clients keep connections open', async () => {
    const server = new HttpServer({ ...defaults, limits: { stopGrace: 20 } });
    const address = await server.start();
    const idle = await open(address);
    const half = await open(address);
    half.write('GET /healthz HTTP/1.1\r\n');
    await ask(address, '/healthz');
    const closed = Promise.all([drain(idle), drain(half)]);
    await server.stop();
    await closed;
    await server.stop();
  });
});
