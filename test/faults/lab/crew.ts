import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { EventLog } from './events.ts';
import type { Manners } from './manners.ts';
import type { WorkerOrder } from './worker-process.ts';

const program = fileURLToPath(new URL('./worker-process.ts', import.meta.url));
const joinLimit = 60_000;

export interface CrewOptions {
  readonly port: number;
  readonly user: string;
  readonly pool: string;
  readonly folder: string;
  readonly seed: number;
}

interface Hand {
  readonly child: ChildProcess;
  readonly manners: Manners;
}

/** The workers of the lab, each in a process of its own. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #log: EventLog;
  readonly #hands = new Map<string, Hand>();
  readonly #cleanUp = (): void => {
    for (const { child } of this.#hands.values()) child.kill('SIGKILL');
  };

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#log = new EventLog(options.folder, 'crew');
    process.once('exit', this.#cleanUp);
  }

  get resources(): readonly string[] {
    return [...this.#hands.keys()];
  }

  /** Starts a worker, or starts it again, and waits until the pool has it. */
  async hire(resource: string, manners: Manners): Promise<void> {
    const order: WorkerOrder = { ...this.#options, resource, manners };
    const child = spawn(
      'setpriv',
      ['--pdeathsig=KILL', process.execPath, '--import=tsx', program, JSON.stringify(order)],
      {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, NODE_V8_COVERAGE: '' },
        detached: true,
      },
    );
    this.#hands.set(resource, { child, manners });
    // A worker that kills itself is gone too, and its last events are in its own log.
    child.once('exit', () => this.#note(resource, 'gone'));
    await once(child, 'message', { signal: AbortSignal.timeout(joinLimit) });
    this.#note(resource, 'back');
  }

  /** From now on it behaves so. */
  teach(resource: string, manners: Manners): void {
    this.#hands.get(resource)?.child.send(manners);
  }

  /** SIGKILL. */
  async kill(resource: string): Promise<void> {
    const hand = this.#hands.get(resource);
    if (hand === undefined || !runs(hand.child)) return;
    this.#note(resource, 'gone');
    const ended = once(hand.child, 'exit');
    hand.child.kill('SIGKILL');
    await ended;
  }

  /** Starts whoever is not running any more, with the manners that he had, or with these. */
  async rehire(manners?: Manners): Promise<void> {
    for (const [resource, hand] of this.#hands) {
      if (!runs(hand.child)) await this.hire(resource, manners ?? hand.manners);
    }
  }

  /** Whether it runs: one that kills itself does not. */
  runs(resource: string): boolean {
    const hand = this.#hands.get(resource);
    return hand !== undefined && runs(hand.child);
  }

  /** SIGSTOP: it is there, and does nothing. */
  pause(resource: string): void {
    this.#note(resource, 'gone');
    this.#hands.get(resource)?.child.kill('SIGSTOP');
  }

  wake(resource: string): void {
    this.#hands.get(resource)?.child.kill('SIGCONT');
    this.#note(resource, 'back');
  }

  async dismiss(): Promise<void> {
    for (const resource of this.resources) await this.kill(resource);
    process.off('exit', this.#cleanUp);
  }

  #note(resource: string, kind: 'gone' | 'back'): void {
    this.#log.write(`${this.#options.user}@localhost/${resource}`, { kind });
  }
}

function runs(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
