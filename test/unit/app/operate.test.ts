import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandResult } from '../../../src/core/commands/command.ts';
import { HttpServer } from '../../../src/http/server.ts';
import { runSwitchyard } from '../../support/router/command-line.ts';
import { httpOptions } from '../../support/router/http-options.ts';

describe('the command line, to a router that runs', () => {
  let folder: string;
  let server: HttpServer;
  let performed: (readonly [string, object])[];
  let result: CommandResult;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-cli-'));
    const listen = `unix:${join(folder, 'router.sock')}`;
    const component = { service: 'xmpp://127.0.0.1:1', domain: 'pools.example', secret: 's' };
    const config = { component, pools: { jobs: { workers: ['*'] } }, http: { listen } };
    writeFileSync(join(folder, 'component.config.json'), JSON.stringify(config), { mode: 0o600 });
    server = new HttpServer({
      ...httpOptions,
      listen,
      perform: (name, given) => {
        performed.push([name, given]);
        return result;
      },
    });
    await server.start();
  });
  beforeEach(() => {
    performed = [];
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const switchyard = (...words: readonly string[]) => runSwitchyard(folder, ...words);

  it('gives a command with what stands in its place and its options, and shows the answer', async () => {
    result = { done: { workers: [{ pool: 'jobs', worker: 'w@x/1', state: 'works' }] } };
    const { code, out, err } = await switchyard('workers', 'weight', 'w@x/1', '5', '--pool', 'jobs');
    deepEqual([code, err], [0, '']);
    equal(out, 'POOL  WORKER  STATE\njobs  w@x/1   works\n');
    deepEqual(performed, [['workers.weight', { worker: 'w@x/1', weight: '5', pool: 'jobs' }]]);
  });

  it('lists by default, and answers machines with JSON', async () => {
    result = { done: { pools: [] } };
    const { code, out } = await switchyard('pools', '--json');
    deepEqual([code, out], [0, '{"pools":[]}\n']);
    deepEqual(performed, [['pools.list', {}]]);
  });

  it('says why it was refused, and ends with 1', async () => {
    result = { refused: 'command-target', field: 'worker', text: 'No such worker is here.' };
    const { code, out, err } = await switchyard('workers', 'drain', 'nobody');
    deepEqual([code, out, err], [1, '', 'worker: No such worker is here.\n']);
  });

  it('tells machines with JSON why not, beside the answers', async () => {
    result = { refused: 'command-target', field: 'worker', text: 'No such worker is here.' };
    const { code, out, err } = await switchyard('workers', 'drain', 'nobody', '--json');
    deepEqual([code, out], [1, '']);
    deepEqual(JSON.parse(err), {
      error: { code: 'command-target', text: 'No such worker is here.', field: 'worker' },
    });
    const alone = await switchyard('pools', '--json', '--set', 'http.listen=127.0.0.1:1');
    deepEqual([alone.code, alone.out], [1, '']);
    match(alone.err, /^\{"error":\{"code":"unreachable","text":"Cannot reach the router at 127\.0\.0\.1:1: /);
  });

  it('does not destroy unless told so twice', async () => {
    result = { done: { pool: 'jobs', text: 'Deleted: 3.' } };
    const asked = await switchyard('queue', 'purge', 'jobs', 'dead');
    deepEqual([asked.code, asked.out, performed], [1, '', []]);
    match(asked.err, /All of these messages are deleted\. Give --yes to say that you mean it\./);
    const told = await switchyard('queue', 'purge', 'jobs', 'dead', '--yes');
    deepEqual([told.code, told.out], [0, 'Pool: jobs\nDeleted: 3.\n']);
    deepEqual(performed, [['queue.purge', { pool: 'jobs', state: 'dead' }]]);
  });

  it('takes several of a thing, and has a short name to explain', async () => {
    result = { done: { pool: 'jobs' } };
    await switchyard('queue', 'redrive', 'jobs', 'a', 'b', '--per-second', '5');
    await switchyard('explain', 'jobs');
    deepEqual(performed, [
      ['queue.redrive', { pool: 'jobs', ids: ['a', 'b'], perSecond: '5' }],
      ['pools.explain', { pool: 'jobs' }],
    ]);
  });

  it('ends with 2 when something is missing', async () => {
    const { code, err } = await switchyard('workers', 'drain');
    equal(code, 2);
    match(err, /missing required argument 'worker'/);
    deepEqual(performed, []);
  });
});
