import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../support/free-ports.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { findProgram } from '../support/servers/daemon.ts';
import { skip } from '../support/skip.ts';
import { contrib } from './monitoring-files.ts';

const patience = 30_000;
const script = fileURLToPath(new URL('notify-socket.py', import.meta.url));

describe('the unit for systemd', () => {
  const unit = readFileSync(`${contrib}switchyard.service`, 'utf8');
  let analyze: string;
  let folder: string;
  let file: string;

  before(function () {
    analyze = findProgram('systemd-analyze') ?? skip(this, 'systemd-analyze is not installed');
    folder = mkdtempSync(join(tmpdir(), 'switchyard-unit-'));
    file = join(folder, 'switchyard.service');
    // Node may be elsewhere on this machine, and is looked for.
    writeFileSync(file, unit.replaceAll('/usr/bin/node', process.execPath));
  });

  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  it('is understood by systemd, every line of it', () => {
    const { status, stdout, stderr } = spawnSync(analyze, ['verify', '--man=no', file], { encoding: 'utf8' });
    equal(
      `${stdout}${stderr}`
        .split('\n')
        .filter((line) => line.includes('switchyard'))
        .join('\n'),
      '',
    );
    equal(status, 0, stderr);
  });

  it('shuts the service in: an exposure of at most 2.0', () => {
    const { status, stdout, stderr } = spawnSync(
      analyze,
      ['security', '--offline=true', '--threshold=20', '--no-pager', file],
      { encoding: 'utf8' },
    );
    equal(status, 0, `${stdout.split('\n').slice(-3).join('\n')}${stderr}`);
  });

  it('asks to be told how the service is doing, by whichever of its processes', () => {
    for (const line of ['Type=notify', 'NotifyAccess=all', 'WatchdogSec=60s', 'ExecReload=/bin/kill -HUP $MAINPID']) {
      ok(unit.includes(`\n${line}\n`), line);
    }
  });
});

describe('what the router tells systemd', function () {
  this.timeout(120_000);
  let folder: string;
  let python: ChildProcess;
  let router: RouterProcess;
  const told: string[] = [];

  before(async function () {
    for (const program of ['systemd-notify', 'python3']) {
      if (findProgram(program) === undefined) skip(this, `${program} is not installed`);
    }
    folder = mkdtempSync(join(tmpdir(), 'switchyard-notify-'));
    const socket = join(folder, 'notify');
    python = spawn('python3', [script, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    ok(python.stdout);
    createInterface(python.stdout).on('line', (line) => {
      told.push(JSON.parse(line));
    });
    await until(() => told.includes('listening'), 'the socket');
    const [componentPort = 0] = await freePorts(1);
    router = prepareRouter({
      componentPort,
      domain: 'pools.localhost',
      secret: 's3cret',
      pools: { jobs: { workers: ['*@localhost'] } },
      environment: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '900000' },
    });
    await router.start('listening');
  });

  after(async () => {
    await router?.remove();
    python?.kill();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  async function until(holds: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + patience;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`${what} did not come; told: ${told.join(', ')}`);
      await sleep(20);
    }
  }

  /** Waits until all that was told before this is known here: messages come in their order. */
  async function heard(mark: string): Promise<void> {
    const environment = { ...process.env, NOTIFY_SOCKET: join(folder, 'notify') };
    await once(spawn('systemd-notify', [`MARK=${mark}`], { stdio: 'inherit', env: environment }), 'exit');
    await until(() => count(`MARK=${mark}`) === 1, mark);
  }

  const count = (text: string): number => told.filter((message) => message.split('\n').includes(text)).length;

  it('is that it is ready, and what it waits for', async () => {
    await until(() => count('READY=1') === 1, 'READY');
    await until(() => told.some((message) => message.startsWith('STATUS=')), 'a state');
    match(told.find((message) => message.startsWith('STATUS=')) ?? '', /^STATUS=Not ready: .*link-down/);
  });

  it('is that the event loop turns, and nothing while it does not', async () => {
    const before = count('WATCHDOG=1');
    await until(() => count('WATCHDOG=1') > before + 2, 'the watchdog');
    router.signal('SIGSTOP');
    await heard('stopped');
    const stopped = count('WATCHDOG=1');
    await sleep(1_500);
    await heard('still stopped');
    // One may have been on its way; a loop that turns says five.
    ok(count('WATCHDOG=1') <= stopped + 1, told.join(', '));
    router.signal('SIGCONT');
    await until(() => count('WATCHDOG=1') > stopped + 1, 'the watchdog again');
  });

  it('is that it reloads, and has', async () => {
    await router.reload({ log: { level: 'info', format: 'json' } });
    await until(() => count('RELOADING=1') === 1 && count('READY=1') === 2, 'the reload');
    const order = told.filter((message) => message === 'RELOADING=1' || message === 'READY=1');
    deepEqual(order, ['READY=1', 'RELOADING=1', 'READY=1']);
  });

  it('is that it ends', async () => {
    equal(await router.stop(), 0);
    await until(() => count('STOPPING=1') === 1, 'STOPPING');
    ok(!router.log.some(({ event }) => event === 'notify-failed'));
  });
});
