import { deepEqual, equal, match } from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { ServiceManager } from '../../../src/app/process/service-manager.ts';
import { createLog } from '../../../src/telemetry/log.ts';

const asked = { NOTIFY_SOCKET: '/run/systemd/notify' };

/** A manager with a clock of its own, and what it told whom. */
class Rig {
  readonly told: string[] = [];
  readonly lines = new PassThrough();
  readonly manager: ServiceManager;
  now = 1_000;
  works = true;
  status = 'not ready: link-down';
  /** Ends of what is being told, when it is to take its time. */
  slow: (() => void)[] | undefined;

  constructor(environment: Readonly<Record<string, string>>) {
    const log = createLog({
      level: 'info',
      format: 'json',
      component: 'c',
      version: '1',
      secrets: [],
      stream: this.lines,
    });
    const notify = async (assignments: readonly string[]): Promise<boolean> => {
      this.told.push(assignments.join(' '));
      if (this.slow !== undefined) await new Promise<void>((resolve) => void this.slow?.push(resolve));
      return this.works;
    };
    this.manager = new ServiceManager(environment, log, notify, () => this.now);
  }

  async beats(count: number): Promise<void> {
    for (let beat = 0; beat < count; beat += 1) {
      this.now += 100;
      this.manager.beat(() => this.status);
      await turn();
    }
  }

  take(): string[] {
    return this.told.splice(0);
  }
}

describe('the service manager', () => {
  it('is told nothing that it does not ask for', async () => {
    const rig = new Rig({ WATCHDOG_USEC: '3000000' });
    rig.manager.ready();
    rig.manager.reload(() => undefined);
    await rig.beats(100);
    rig.manager.stopping();
    await turn();
    deepEqual(rig.take(), []);
  });

  it('is told of the start, of reloads and of the end, in order and one at a time', async () => {
    const rig = new Rig(asked);
    rig.slow = [];
    let reloads = 0;
    rig.manager.reload(() => {
      reloads += 1;
    });
    rig.manager.ready();
    rig.manager.reload(() => {
      reloads += 1;
    });
    rig.manager.stopping();
    await turn();
    deepEqual([reloads, rig.take()], [2, ['READY=1']]);
    for (let step = 0; step < 4; step += 1) {
      rig.slow.shift()?.();
      await turn();
    }
    deepEqual(rig.take(), ['RELOADING=1', 'READY=1', 'STOPPING=1 STATUS=Draining.']);
  });

  it('is told the state when it changes, and not more often than every five seconds', async () => {
    const rig = new Rig(asked);
    await rig.beats(10);
    deepEqual(rig.take(), []);
    rig.manager.ready();
    await rig.beats(10);
    deepEqual(rig.take(), ['READY=1', 'STATUS=not ready: link-down']);
    rig.status = 'not ready: link-testing';
    await rig.beats(20);
    rig.status = 'ready';
    deepEqual(rig.take(), []);
    await rig.beats(100);
    deepEqual(rig.take(), ['STATUS=ready']);
  });

  it('shows its watchdog three times in its time that the loop turns, and only while it does', async () => {
    const rig = new Rig({ ...asked, WATCHDOG_USEC: '3000000', WATCHDOG_PID: String(process.pid) });
    rig.status = '';
    rig.manager.ready();
    await rig.beats(61);
    equal(rig.take().filter((text) => text === 'WATCHDOG=1').length, 7);
    rig.now += 60_000;
    await turn();
    deepEqual(rig.take(), []);
    rig.slow = [];
    await rig.beats(100);
    // What was not taken yet is not said again and again.
    for (let step = 0; step < 5; step += 1) {
      rig.slow.shift()?.();
      await turn();
    }
    equal(rig.take().length, 2);
    rig.slow = undefined;
    rig.manager.stopping();
    await rig.beats(100);
    equal(rig.take().filter((text) => text === 'WATCHDOG=1').length, 0);
  });

  it('knows a watchdog that watches another process', async () => {
    const rig = new Rig({ ...asked, WATCHDOG_USEC: '3000000', WATCHDOG_PID: '1' });
    rig.status = '';
    rig.manager.ready();
    await rig.beats(100);
    deepEqual(rig.take(), ['READY=1']);
  });

  it('warns once when it cannot be told', async () => {
    const rig = new Rig({ ...asked, WATCHDOG_USEC: '300000' });
    rig.works = false;
    rig.manager.ready();
    await rig.beats(20);
    const text = String(rig.lines.read());
    match(text, /"event":"notify-failed".*systemd-notify/);
    equal(text.trim().split('\n').length, 1);
  });
});
