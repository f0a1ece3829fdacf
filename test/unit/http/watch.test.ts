import { deepEqual, equal, ok } from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import type { CommandResult } from '../../../src/core/commands/command.ts';
import { type HttpOptions, HttpServer } from '../../../src/http/server.ts';
import { eventsOf } from '../../support/clients/event-stream.ts';
import { exchange, openRequest, type Sent } from '../../support/clients/http-client.ts';
import { httpOptions } from '../../support/router/http-options.ts';

const token = 'correct-horse-battery-staple';

describe('http: what is watched', () => {
  const running: HttpServer[] = [];
  const turns = new EventEmitter();
  let asked: (readonly [string, object])[];
  let result: () => CommandResult;

  beforeEach(() => {
    asked = [];
    result = () => ({ done: { count: 1 } });
  });
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
  });

  async function start(options: Partial<HttpOptions> = {}): Promise<string> {
    const perform: HttpOptions['perform'] = (name, given) => {
      asked.push([name, given]);
      turns.emit('turn');
      return result();
    };
    const server = new HttpServer({ ...httpOptions, token, perform, ...options });
    running.push(server);
    return server.start();
  }

  async function watch(listen: string, path: string, sent: Sent = {}) {
    const response = await openRequest(listen, { path: `/v1/watch/${path}`, ...sent });
    const events = eventsOf(response);
    return {
      response,
      next: async () => {
        const { value } = await events.next();
        return value === undefined ? undefined : ([value.event, value.data] as const);
      },
    };
  }

  it('is what the command answers, at once and whenever it differs', async () => {
    const listen = await start();
    let looks = 0;
    result = () => ({ done: { looks: Math.floor(looks++ / 2) } });
    const { response, next } = await watch(listen, 'workers.list?pool=jobs&limit=5&interval=500');
    equal(response.headers['content-type'], 'text/event-stream; charset=utf-8');
    equal(response.headers['cache-control'], 'no-store');
    deepEqual(await next(), ['state', '{"looks":0}']);
    deepEqual(await next(), ['state', '{"looks":1}']);
    // A fourth time where the third came here late.
    ok(asked.length >= 3, String(asked.length));
    for (const each of asked) deepEqual(each, ['workers.list', { pool: 'jobs', limit: '5' }]);
    response.destroy();
  });

  it('is asked for once for all who watch the same', async () => {
    const listen = await start();
    const first = await watch(listen, 'workers.list?pool=jobs&skip=0&interval=60000');
    await first.next();
    const asks = asked.length;
    const others = await Promise.all(
      ['skip=0&pool=jobs', 'pool=jobs&skip=0&interval=500'].map((query) => watch(listen, `workers.list?${query}`)),
    );
    for (const { next } of others) deepEqual(await next(), ['state', '{"count":1}']);
    result = () => ({ done: { count: 2 } });
    for (const { next } of others) deepEqual(await next(), ['state', '{"count":2}']);
    // Three watch, and each look is one.
    ok(asked.length - asks < 8, String(asked.length));
    for (const { response } of [first, ...others]) response.destroy();
  });

  it('is asked for no more when nobody watches', async () => {
    const listen = await start();
    const { response, next } = await watch(listen, 'pools.list?interval=500');
    await next();
    response.destroy();
    // Closed at the server too before this is answered after it.
    const other = await watch(listen, 'pools.show?pool=a&interval=500');
    await other.next();
    asked = [];
    await once(turns, 'turn');
    await once(turns, 'turn');
    deepEqual(
      asked.map(([name]) => name),
      ['pools.show', 'pools.show'],
    );
    other.response.destroy();
  });

  it('may be refused, and come good again', async () => {
    const listen = await start();
    result = () => ({ refused: 'command-target', field: 'pool', text: 'No such.' });
    const { response, next } = await watch(listen, 'pools.show?pool=x&interval=500');
    equal(response.statusCode, 200);
    deepEqual(await next(), ['refused', '{"error":{"code":"command-target","text":"No such.","field":"pool"}}']);
    result = () => ({ later: Promise.resolve({ done: { pool: 'x' } }) });
    deepEqual(await next(), ['state', '{"pool":"x"}']);
    response.destroy();
  });

  it('is only what reads, in an interval that makes sense', async () => {
    const listen = await start();
    for (const path of ['workers.drain', 'no.such', '__proto__', '']) {
      equal((await exchange(listen, { path: `/v1/watch/${path}` })).status, 404, path);
    }
    for (const interval of ['0', '499', '60001', 'x', '', '-1', '1e3', '0x400']) {
      const { status, text } = await exchange(listen, { path: `/v1/watch/pools.list?interval=${interval}` });
      deepEqual([status, /"field":"interval"/.test(text)], [400, true], interval);
    }
    equal((await exchange(listen, { method: 'POST', path: '/v1/watch/pools.list' })).status, 405);
    equal((await exchange(listen, { method: 'HEAD', path: '/v1/watch/pools.list' })).status, 200);
    deepEqual(asked, []);
  });

  it('needs the token where messages are shown, or where the configuration says so', async () => {
    const open = await start();
    const closed = await start({ read: 'token' });
    const path = '/v1/watch/queue.list?pool=jobs';
    equal((await exchange(open, { path })).status, 401);
    equal((await exchange(closed, { path: '/v1/watch/pools.list' })).status, 401);
    const headers = { authorization: `Bearer ${token}` };
    const { response, next } = await watch(open, 'queue.list?pool=jobs', { headers });
    deepEqual(await next(), ['state', '{"count":1}']);
    response.destroy();
  });

  it('is watched by so many and no more, until one leaves', async () => {
    const limits = { streams: 3 };
    const listen = await start({ limits });
    const kept = await Promise.all(Array.from({ length: 3 }, (_, pool) => watch(listen, `pools.show?pool=${pool}`)));
    for (const { next } of kept) await next();
    const refused = await exchange(listen, { path: '/v1/watch/pools.list' });
    deepEqual([refused.status, refused.code, refused.headers['retry-after']], [429, 'too-many-streams', '5']);
    equal((await exchange(listen, { path: '/v1/commands' })).status, 200);
    deepEqual(running[0]?.counts, { refusals: { 'too-many-streams': 1 }, streams: 3 });
    kept[0]?.response.destroy();
    await untilFree(listen);
    for (const { response } of kept) response.destroy();
  });

  it('is looked at less often when that costs much', async () => {
    const listen = await start();
    let began = 0;
    result = () => {
      began = performance.now();
      while (performance.now() - began < 50);
      return { done: { began } };
    };
    const { response, next } = await watch(listen, 'pools.list?interval=500');
    const states = [await next(), await next()].map((event) => JSON.parse(event?.[1] ?? '') as { began: number });
    // Fifty milliseconds at least of two seconds.
    const [first, second] = states.map((state) => state.began);
    ok((second ?? 0) - (first ?? 0) > 1_500, JSON.stringify(states));
    response.destroy();
  }).timeout(30_000);

  it('shows that it lives', async () => {
    const listen = await start({ limits: { beat: 20 } });
    const { response, next } = await watch(listen, 'pools.list?interval=60000');
    deepEqual(await next(), ['state', '{"count":1}']);
    deepEqual(await next(), ['', '']);
    response.destroy();
  });

  it('costs no memory for who does not read, who is cut off in the end', async () => {
    const listen = await start({ limits: { streams: 2, beat: 100, patience: 2_000 } });
    const page = 'x'.repeat(16 * 1024 * 1024);
    let count = 0;
    const shown: HttpOptions['perform'] = (name) => ({ done: name === 'pools.list' ? { count: count++, page } : {} });
    result = () => shown(asked.at(-1)?.[0] ?? '', {});
    const socket = connect(Number(listen.split(':')[1]), '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    socket.pause();
    socket.write('GET /v1/watch/pools.list?interval=500 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(turns, 'turn');
    // Others go on meanwhile, until there is room again.
    const other = await watch(listen, 'workers.list');
    deepEqual(await other.next(), ['state', '{}']);
    await untilFree(listen);
    deepEqual(await other.next(), ['', '']);
    other.response.destroy();
    socket.resume();
    if (!socket.closed) await once(socket, 'close');
    ok(socket.bytesRead < page.length, String(socket.bytesRead));
  }).timeout(30_000);

  /** Waits until there is room for another stream. */
  async function untilFree(listen: string): Promise<void> {
    for (;;) {
      const { response } = await watch(listen, 'workers.list');
      response.destroy();
      if (response.statusCode === 200) return;
    }
  }

  it('ends when the server does, and when what is asked fails', async () => {
    const problems: unknown[] = [];
    const listen = await start({ onProblem: (problem) => problems.push(problem) });
    const broken = new Error('no such thing');
    const { next } = await watch(listen, 'pools.list');
    await next();
    const failing = await watch(listen, 'pools.show?pool=a&interval=500');
    await failing.next();
    result = () => {
      throw broken;
    };
    equal(await failing.next(), undefined);
    equal(problems[0], broken);
    result = () => ({ done: {} });
    const last = await watch(listen, 'pools.list');
    await last.next();
    await running.pop()?.stop();
    equal(await last.next(), undefined);
  });

  it('is not asked for behind an answer that may never end', async () => {
    const listen = await start();
    const socket = connect(Number(listen.split(':')[1]), '127.0.0.1');
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    socket.write(get('/v1/watch/pools.list').repeat(40));
    await once(socket, 'data');
    const { response, next } = await watch(listen, 'pools.list');
    deepEqual(await next(), ['state', '{"count":1}']);
    response.destroy();
    socket.destroy();
    const last = await watch(listen, 'pools.list');
    deepEqual(await last.next(), ['state', '{"count":1}']);
    last.response.destroy();
  });
});
