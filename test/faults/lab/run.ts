import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { storyOf, type Verdict } from './checker.ts';
import { EventLog, type LabEvent, readEvents } from './events.ts';
import type { Generator } from './generator.ts';
import type { Instance } from './instance.ts';
import { Random } from './random.ts';
import type { StoredQueue } from './stored-queue.ts';

/** Milliseconds in which what was accepted has to come to an end once nothing is broken any more. */
export const settleLimit = 90_000;

/** The logs of one run in a folder: what all parties saw and did, and what was broken meanwhile. */
export class Run {
  readonly random: Random;
  readonly folder = mkdtempSync(join(tmpdir(), 'switchyard-lab-'));
  readonly #log: EventLog;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.#log = new EventLog(this.folder, 'lab');
  }

  /** Does something that breaks, and waits until it is mended: messages in flight meanwhile may come twice. */
  async broken(what: string, work: () => Promise<void>): Promise<void> {
    const name = `${what} ${this.random.between(0, 1e9)}`;
    this.#log.write('lab', { kind: 'fault', what: name });
    await work();
    this.#log.write('lab', { kind: 'healed', what: name });
  }

  /** What a store held when all was over. */
  note({ open, dead, tally }: StoredQueue): void {
    this.#log.write('store', { kind: 'stored', open, dead });
    if (tally !== undefined) this.#log.write('store', { kind: 'tally', tally });
  }

  events(): readonly LabEvent[] {
    return readEvents(this.folder);
  }

  /** What the logs say of the messages that a verdict names first. */
  stories({ problems, lost }: Pick<Verdict, 'problems' | 'lost'>): string {
    const ids = [...lost, ...problems.map((problem) => problem.split(/[ :]/)[0] ?? '')];
    const events = this.events();
    return [...new Set(ids)]
      .slice(0, 3)
      .map((id) => `${id}:\n${storyOf(events, id)}`)
      .join('\n');
  }

  /** Sends nothing new, and waits until nothing waits any more. @param limit Milliseconds after which it is given up. */
  async drained(generator: Generator, isBusy: () => Promise<boolean>, limit: number): Promise<void> {
    await generator.end();
    const deadline = Date.now() + limit;
    while ((generator.waiting > 0 || (await isBusy())) && Date.now() < deadline) {
      await generator.insist();
      await sleep(100);
    }
  }

  /** What was sent is with the workers, or with nobody: the senders' requests are answered after it, and nothing comes any more. */
  async quiet(generator: Generator, pool: string): Promise<void> {
    for (const sender of generator.senders) await sender.settled(pool);
    let events = -1;
    while (this.events().length > events) {
      events = this.events().length;
      await sleep(500);
    }
  }

  /** Removes the logs. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Leaves the logs where they are, with what these routers said. */
  keep(instances: readonly Instance[]): void {
    for (const [index, { router }] of instances.entries()) {
      const lines = router.log.map((line) => `${JSON.stringify(line)}\n`);
      writeFileSync(join(this.folder, `router${index + 1}.jsonl`), lines.join(''));
    }
  }
}
