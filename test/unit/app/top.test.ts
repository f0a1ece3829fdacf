import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandResult } from '../../../src/core/commands/command.ts';
import { HttpServer } from '../../../src/http/server.ts';
import { runSwitchyard } from '../../support/router/command-line.ts';
import { httpOptions } from '../../support/router/http-options.ts';

describe('switchyard top', () => {
  let folder: string;
  let server: HttpServer | undefined;
  let result: CommandResult;

  const start = async (): Promise<void> => {
    server = new HttpServer({
      ...httpOptions,
      listen: `unix:${join(folder, 'router.sock')}`,
      perform: () => result,
    });
    await server.start();
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-top-'));
    const component = { service: 'xmpp://127.0.0.1:1', domain: 'pools.example', secret: 's' };
    const config = {
      component,
      pools: { jobs: { workers: ['*'] } },
      http: { listen: `unix:${join(folder, 'router.sock')}` },
    };
    writeFileSync(join(folder, 'component.config.json'), JSON.stringify(config), { mode: 0o600 });
    result = { done: picture('jobs') };
    await start();
  });
  afterEach(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function picture(name: string): object {
    const counts = { received: 0, delivered: 0, refused: 0 };
    const pool = { pool: name, algorithm: 'sticky', workers: 1, available: 1, inFlight: 0, waiting: 0, counts };
    return { at: new Date().toISOString(), router: null, pools: [{ ...pool, queue: null, stalled: false }] };
  }

  const run = (...words: readonly string[]) => runSwitchyard(folder, 'top', ...words);

  it('prints one picture where there is no terminal', async () => {
    const watching = setInterval(() => {
      result = { done: picture('jobs') };
    }, 100);
    const { code, out, err } = await run('--interval', '0.5');
    clearInterval(watching);
    deepEqual([code, err], [0, '']);
    match(out, /^in 0\/s .*\n\nPOOL .*\njobs .* ok\n$/);
  });

  it('says why it cannot', async () => {
    result = { refused: 'command-forbidden' };
    const refused = await run('--once');
    equal(refused.code, 1);
    match(refused.err, /^\S.*\n$/);
    await server?.stop();
    const gone = await run('--once');
    equal(gone.code, 1);
    match(gone.err, /^Cannot reach the router: .*\n$/);
    equal((await run('--interval', '0.1')).code, 2);
  });
});
