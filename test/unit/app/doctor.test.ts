import { deepEqual, doesNotMatch, match, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { doctor } from '../../../src/app/check/doctor.ts';
import type { CommandResult } from '../../../src/core/commands/command.ts';
import type { ReadinessReason } from '../../../src/http/routes.ts';
import { HttpServer } from '../../../src/http/server.ts';
import { httpOptions } from '../../support/router/http-options.ts';

describe('the doctor', () => {
  let folder: string;
  let config: string;
  let server: HttpServer | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-doctor-'));
    config = join(folder, 'component.config.json');
    configure({});
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
    delete process.env['SWITCHYARD_COMPONENT__SECRET'];
    rmSync(folder, { recursive: true, force: true });
  });

  function configure(more: object): void {
    const component = { service: 'xmpp://127.0.0.1:1', domain: 'pools.example', secret: 'never-shown-1' };
    const http = { listen: `unix:${join(folder, 'router.sock')}`, token: 'never-shown-2-never-shown-2' };
    const store = { driver: 'sqlite', file: 'switchyard.db' };
    const text = JSON.stringify({ component, pools: { jobs: { workers: ['*'] } }, http, store, ...more });
    writeFileSync(config, text, { mode: 0o600 });
  }

  async function start(
    perform: (name: string) => CommandResult,
    reasons: readonly ReadinessReason[] = [],
  ): Promise<void> {
    const listen = `unix:${join(folder, 'router.sock')}`;
    server = new HttpServer({ ...httpOptions, listen, perform, readiness: () => reasons });
    await server.start();
  }

  async function report(): Promise<string> {
    let text = '';
    await doctor({ file: config, settings: [] }, (part) => {
      text += part;
    });
    return text;
  }

  const headings = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('## '));

  it('gathers program, configuration, database, and what the router says of itself', async () => {
    await start((name) => ({ done: { text: `of ${name}` } }));
    const text = await report();
    deepEqual(headings(text), [
      '## Program',
      '## Configuration',
      '## Database',
      '## Router',
      '## Show how the service is doing',
      '## Show how stanzas ended',
      '## List the pools',
      '## Show how the queues are doing',
      '## Metrics',
    ]);
    match(text, /Node: \d+\.\d+/);
    match(text, /pools\.jobs\.workers/);
    match(text, /switchyard\.db: not there/);
    match(text, /of queue\.status/);
  });

  it('says once of an instance that stands by that it does, and where the rest is to be had', async () => {
    const reasons = [{ code: 'standby', text: 'This instance stands by. a is active.' }];
    await start(() => ({ refused: 'standing-by', text: reasons[0]?.text ?? '' }), reasons);
    const text = await report();
    deepEqual(headings(text).slice(3), ['## Router', '## Metrics']);
    deepEqual(text.match(/stands by/g)?.length, 1);
    match(text, /the active instance knows: run the doctor on its machine as well\./);
  });

  it('shows no secret, wherever it stands', async () => {
    process.env['SWITCHYARD_COMPONENT__SECRET'] = 'never-shown-3';
    await start(() => ({ done: {} }));
    const text = await report();
    doesNotMatch(text, /never-shown/);
    match(text, /Variables: .*SWITCHYARD_COMPONENT__SECRET.* \(values not shown\)/);
  });

  it('says what it cannot tell: a router that is away, a configuration that is wrong', async () => {
    match(await report(), /The router does not answer: /);
    configure({ store: { driver: 'memory' }, http: {} });
    match(await report(), /in memory[\s\S]*no HTTP listener/);
    configure({ pools: { jobs: { wrong: 1 } } });
    const wrong = await report();
    deepEqual(headings(wrong), ['## Program', '## Configuration']);
    match(wrong, /pools\.jobs\.wrong/);
    doesNotMatch(wrong, /never-shown/);
  });

  it('shows what others have written as text', async () => {
    await start(() => ({ done: { text: 'a\u001b[2J\n````\n## Injected' } }));
    const text = await report();
    ok(!text.includes('\u001b'));
    ok(!/\n````\n## Injected/.test(text));
  });
});
