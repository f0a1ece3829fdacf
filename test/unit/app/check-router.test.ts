import { deepEqual, match } from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { routerFindings } from '../../../src/app/check/check-router.ts';
import { HttpServer } from '../../../src/http/server.ts';
import { StoreError, type StoreErrorKind } from '../../../src/store/error.ts';
import { httpOptions } from '../../support/router/http-options.ts';
import { load, minimal } from '../config/fixture.ts';

describe('switchyard check: a router that runs', () => {
  /** What is found of a router whose listener says that it is not ready for these reasons: text by text, or code and text. */
  async function found(...reasons: readonly (string | readonly [string, string])[]) {
    const server = new HttpServer({
      ...httpOptions,
      readiness: () =>
        reasons.map((said) => {
          const [code, text] = typeof said === 'string' ? ['link-down', said] : said;
          return { code, text };
        }),
    });
    const listen = await server.start();
    try {
      const { config } = load({ ...minimal, http: { listen: listen.replace('http://', '') } });
      return (await routerFindings(config, 'in-memory')).map(({ level, text }) => `${level}: ${text}`);
    } finally {
      await server.stop();
    }
  }

  it('says how it is', async () => {
    deepEqual(await found(), ['ok: one runs, and is ready']);
    deepEqual(await found('No link.', 'No disk\u001b.'), [
      'fail: one runs, and is not ready: No link. No disk\\u{1b}.',
    ]);
  });

  it('finds nothing wrong with one that stands by, unless more is said of it', async () => {
    const standby = ['standby', 'This instance stands by. a is active.'] as const;
    deepEqual(await found(standby), ['ok: one runs, and is well: This instance stands by. a is active.']);
    deepEqual(await found(['store-failed', 'No disk.'], standby), [
      'fail: one runs, and is not ready: No disk. This instance stands by. a is active.',
    ]);
  });

  it('does not know of one elsewhere whose database does not answer, so the server is left alone', async () => {
    const store = { driver: 'postgres', url: 'postgresql://s@127.0.0.1:1/s' };
    const { config } = load({ ...minimal, http: { listen: '127.0.0.1:1' }, store });
    const found = async (kind: StoreErrorKind) =>
      (await routerFindings(config, { failure: new StoreError(kind, 'db', 'It is away.', 'Look.') })).map(
        ({ level, text }) => `${level}: ${text}`,
      );
    for (const kind of ['unreachable', 'denied', 'newer'] as const) {
      deepEqual(await found(kind), ['note: whether one runs elsewhere is not known: the database would tell']);
    }
    deepEqual(await found('moved'), []);
  });

  it('finds one that takes the connection and says nothing: a process that is stopped', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const { config } = load({ ...minimal, http: { listen: `127.0.0.1:${port}` } });
      const [finding] = await routerFindings(config, 'in-memory', 200);
      match(
        finding?.text ?? '',
        /^one listens, and it takes the connection and has said nothing for 0\.2 s: .*SIGSTOP/,
      );
      deepEqual(
        [finding?.level, finding?.advice],
        ['fail', 'Look at its process: wake it (SIGCONT), or end it. The server was not asked.'],
      );
    } finally {
      server.close();
    }
  });

  it('finds none where nobody answers and nobody holds the database', async () => {
    const { config } = load({ ...minimal, http: { listen: '127.0.0.1:1' } });
    deepEqual(await routerFindings(config, 'in-memory'), []);
  });
});
