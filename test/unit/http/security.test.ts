import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands } from '../../../src/core/commands/perform.ts';
import { openApi } from '../../../src/http/openapi.ts';
import { type HttpOptions, HttpServer } from '../../../src/http/server.ts';
import { exchange, openRequest, type Received, type Sent } from '../../support/clients/http-client.ts';
import { httpOptions } from '../../support/router/http-options.ts';

const token = 'correct-horse-battery-staple';
const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Who asks: with the token, or with what is none. */
const strangers: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['nothing', {}],
  ['another token', { authorization: `Bearer ${token.slice(0, -1)}` }],
  ['a longer one', { authorization: `Bearer ${token}x` }],
  ['the token in a query', { 'x-query': '' }],
  ['another scheme', { authorization: `Basic ${Buffer.from(`admin:${token}`).toString('base64')}` }],
  ['a cookie', { cookie: `token=${token}` }],
];

interface Route {
  readonly path: string;
  /** Methods that are taken, and whether each needs everything or only to read. */
  readonly methods: Readonly<Record<string, 'read' | 'all'>>;
}

/** Every place where commands are given: made from the list, so that a new one is here by itself. */
const commandRoutes: readonly Route[] = [...commands.values()].flatMap(({ name, reads, confidential }) => {
  const need = reads === true && confidential !== true ? 'read' : 'all';
  const methods: Route['methods'] = reads === true ? { GET: need, HEAD: need, POST: need } : { POST: need };
  const route = { path: `/v1/commands/${name}`, methods };
  return reads === true ? [route, { path: `/v1/watch/${name}`, methods: { GET: need, HEAD: need } }] : [route];
});

const routes: readonly Route[] = [
  ...commandRoutes,
  { path: '/v1/commands', methods: { GET: 'read', HEAD: 'read' } },
  { path: '/v1/openapi.json', methods: { GET: 'read', HEAD: 'read' } },
  { path: '/v1/transfers', methods: { GET: 'read', HEAD: 'read', POST: 'all' } },
  { path: '/v1/transfers/7', methods: { GET: 'read', HEAD: 'read' } },
  { path: '/v1/transfers/7/cancel', methods: { POST: 'all' } },
];

describe('http: who may do what', () => {
  const running: HttpServer[] = [];
  let folder: string;
  let performed: string[];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-security-'));
  });
  beforeEach(() => {
    performed = [];
  });
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function start(options: Partial<HttpOptions>): Promise<string> {
    const perform: HttpOptions['perform'] = (name) => {
      performed.push(name);
      return { done: {} };
    };
    const server = new HttpServer({ ...httpOptions, perform, ...options });
    running.push(server);
    return server.start();
  }

  /** Sends a request, with a body where that is usual; of a stream the head is enough. */
  async function ask(listen: string, sent: Sent): Promise<Pick<Received, 'status' | 'code'>> {
    const body =
      sent.method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json', ...sent.headers } } : {};
    if (!sent.path?.startsWith('/v1/watch/') || sent.method !== 'GET') return exchange(listen, { ...sent, ...body });
    const response = await openRequest(listen, sent);
    response.destroy();
    return { status: response.statusCode ?? 0, code: undefined };
  }

  it('tests every path that the description has', () => {
    const described = Object.keys(openApi('')['paths'] as object).filter((path) => path.startsWith('/v1/'));
    const tested = new Set([...routes.map(({ path }) => path.replace('/7', '/{id}')), '/v1/session']);
    deepEqual(
      described.filter((path) => !tested.has(path)),
      [],
    );
  });

  for (const read of ['anyone', 'token'] as const) {
    it(`over TCP without the token is ${read === 'anyone' ? 'to read' : 'nothing'}, whatever is tried`, async () => {
      const listen = await start({ token, read });
      for (const { path, methods } of routes) {
        for (const method of verbs) {
          const need = methods[method];
          // What is not taken from one stranger is not from the others.
          for (const [who, headers] of need === undefined ? strangers.slice(0, 1) : strangers) {
            performed = [];
            const { status } = await ask(listen, {
              method,
              path: who.includes('query') ? `${path}?token=${token}` : path,
              headers,
            });
            const bearer = headers['authorization']?.startsWith('Bearer') === true;
            const shut = read === 'token' || bearer || need === 'all';
            const name = `${method} ${path} with ${who}: ${status}`;
            equal(status === 401, shut, name);
            if (shut) deepEqual(performed, [], name);
            if (!shut && need === undefined) equal(status, 405, name);
          }
        }
      }
    }).timeout(60_000);
  }

  it('over TCP with the token is everything, by the methods that there are', async () => {
    const listen = await start({ token, read: 'token' });
    const headers = { authorization: `Bearer ${token}` };
    for (const { path, methods } of routes) {
      for (const method of verbs) {
        const { status } = await ask(listen, { method, path, headers });
        ok(
          methods[method] === undefined ? status === 405 : [200, 400].includes(status),
          `${method} ${path}: ${status}`,
        );
      }
    }
    const given = new Set(performed);
    for (const { name } of commands.values()) ok(given.has(name), name);
  });

  it('over TCP where no token is set is to read, even for who sends one', async () => {
    const listen = await start({ read: 'anyone' });
    for (const { path, methods } of routes) {
      for (const [method, need] of Object.entries(methods)) {
        for (const headers of [{}, { authorization: 'Bearer undefined' }, { authorization: 'Bearer' }] as const) {
          performed = [];
          const { status } = await ask(listen, { method, path, headers });
          equal(status === 403, need === 'all', `${method} ${path}: ${status}`);
          if (need === 'all') deepEqual(performed, []);
        }
      }
    }
  });

  it('over a socket is everything, for whoever may open it', async () => {
    const listen = await start({ listen: `unix:${join(folder, 'router.sock')}`, read: 'token' });
    for (const { path, methods } of routes) {
      for (const method of Object.keys(methods)) {
        const { status } = await ask(listen, { method, path });
        ok([200, 400].includes(status), `${method} ${path}: ${status}`);
      }
    }
  });

  it('is nothing by a foreign name or for a foreign page, with the token too', async () => {
    const listen = await start({ token });
    const authorization = `Bearer ${token}`;
    const others = [
      '/healthz',
      '/readyz',
      '/metrics',
      '/',
      '/console',
      '/console/',
      '/v1/session',
      '/v1/none',
      '/none',
    ];
    const all = [...routes.map(({ path }) => path), ...others];
    for (const path of all) {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const rebound = await ask(listen, { method, path, headers: { host: 'evil.example:8600', authorization } });
        equal(rebound.status, 421, `${method} ${path}`);
        const foreign = await ask(listen, { method, path, headers: { origin: 'https://evil.example', authorization } });
        equal(foreign.status, 403, `${method} ${path}`);
        if (!path.startsWith('/v1/')) continue;
        const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', authorization };
        equal((await ask(listen, { method, path, headers })).status, 403, `${method} ${path}`);
      }
    }
    deepEqual(performed, []);
    const { refusals } = running.at(-1)?.counts ?? {};
    ok((refusals?.['host-unknown'] ?? 0) >= 3 * all.length && (refusals?.['origin-foreign'] ?? 0) >= 3 * all.length);
  });

  it('is never told to pages of others by the answer', async () => {
    const listen = await start({ token });
    for (const path of ['/v1/session', '/v1/commands', '/metrics', '/console/', '/none']) {
      for (const origin of ['https://evil.example', `http://${listen}`, 'null']) {
        const { headers } = await exchange(listen, { path, headers: { origin } });
        deepEqual(
          Object.keys(headers).filter((name) => name.startsWith('access-control-')),
          [],
        );
      }
    }
  });
});
