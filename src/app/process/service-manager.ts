import { spawn } from 'node:child_process';
import type { Log } from '../../telemetry/log.ts';

/** How long one message to the service manager may take, in milliseconds. */
const tellTimeout = 10_000;
/** How often the state is told at most, in milliseconds: each time is a process of its own. */
const statusEvery = 5_000;

/** Gives the service manager these assignments (sd_notify(3)); `false` when it could not. */
type Notify = (assignments: readonly string[]) => Promise<boolean>;

/** What of the environment is read. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Tells systemd how the service is doing: that it is ready, reloads, ends, and for people in a sentence;
 * and shows its watchdog that the event loop turns. Silent where nobody asks to be told. Node.js has no
 * datagram sockets of Unix, so each message goes by the program `systemd-notify`, one after the other.
 */
export class ServiceManager {
  readonly #notify: Notify | undefined;
  readonly #log: Log;
  readonly #steady: () => number;
  /** How often the watchdog is to hear of us, in milliseconds; `undefined` where there is none. */
  readonly #interval: number | undefined;
  readonly #waiting: string[][] = [];
  #busy = false;
  #failed = false;
  #ready = false;
  #status = '';
  #statusAt = Number.NEGATIVE_INFINITY;
  #heardAt = Number.NEGATIVE_INFINITY;

  /** @param steady Milliseconds of a clock that nobody sets. */
  constructor(
    environment: Environment,
    log: Log,
    notify: Notify = runNotify,
    steady = (): number => performance.now(),
  ) {
    this.#notify = environment['NOTIFY_SOCKET'] === undefined ? undefined : notify;
    this.#log = log;
    this.#steady = steady;
    this.#interval = watchdogInterval(environment);
  }

  /** The service runs; it attaches to its server in its own time. */
  ready(): void {
    this.#ready = true;
    this.#tell('READY=1');
  }

  /** Does a reload of the configuration. */
  reload(work: () => void): void {
    if (this.#ready) this.#tell('RELOADING=1');
    work();
    if (this.#ready) this.#tell('READY=1');
  }

  stopping(): void {
    this.#ready = false;
    this.#tell('STOPPING=1', 'STATUS=Draining.');
  }

  /**
   * To be called at each tick of the core: a loop that does not turn, or a core that is told no time,
   * lets the watchdog bark.
   *
   * @param status The state in a sentence.
   */
  beat(status: () => string): void {
    if (this.#notify === undefined || !this.#ready) return;
    const now = this.#steady();
    if (this.#interval !== undefined && now - this.#heardAt >= this.#interval) {
      this.#heardAt = now;
      // One that waits says the same.
      if (!this.#waiting.some(([first]) => first === 'WATCHDOG=1')) this.#tell('WATCHDOG=1');
    }
    if (now - this.#statusAt < statusEvery) return;
    const text = status();
    if (text === this.#status) return;
    this.#status = text;
    this.#statusAt = now;
    this.#tell(`STATUS=${text}`);
  }

  #tell(...assignments: string[]): void {
    if (this.#notify === undefined) return;
    this.#waiting.push(assignments);
    if (!this.#busy) void this.#work(this.#notify);
  }

  async #work(notify: Notify): Promise<void> {
    this.#busy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const told = await notify(next);
      if (!told && !this.#failed) this.#warn();
      this.#failed = !told;
    }
    this.#busy = false;
  }

  #warn(): void {
    this.#log.logger.warn(
      { event: 'notify-failed' },
      'systemd could not be told how the service is doing: is the program systemd-notify there, and NotifyAccess=all in the unit?',
    );
  }
}

/** A third of what the watchdog bears, so that one late message is no harm. */
function watchdogInterval({ WATCHDOG_USEC: limit, WATCHDOG_PID: pid }: Environment): number | undefined {
  const microseconds = Number(limit);
  if (!(microseconds > 0) || (pid !== undefined && pid !== String(process.pid))) return undefined;
  return microseconds / 3_000;
}

function runNotify(assignments: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('systemd-notify', assignments, { stdio: 'ignore', timeout: tellTimeout });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
