import { setTimeout as sleep } from 'node:timers/promises';
import { attribute, type Frame } from '../mock/frame.ts';
import type { Latency } from '../mock/protocol.ts';
import type { LoadClient } from './client.ts';
import type { Kind } from './scene.ts';

/** How long the last messages may take to come, in milliseconds. */
const patience = 10_000;
/** Messages at the beginning of a phase that are left out of its latency, at most. */
const settling = 300;

/** What one phase of load came to. */
export interface Phase {
  readonly received: number;
  readonly seconds: number;
  readonly latency: Latency | undefined;
  readonly problems: readonly string[];
}

/** The sessions of one way. */
export interface Clients {
  readonly senders: readonly LoadClient[];
  readonly workers: readonly LoadClient[];
}

/**
 * Senders that write messages and workers that get them, in one process and by one clock. Each
 * message must come to some worker exactly once.
 */
export class Load {
  readonly #senders: readonly LoadClient[];
  /** Where message number `n` is sent. */
  readonly #target: (n: number) => string;
  readonly #write: Kind['write'];
  /** When each message under way was due. */
  readonly #open = new Map<string, number>();
  readonly #latencies: number[] = [];
  #next = 0;
  #received = 0;
  #lost = 0;
  #unexpected = 0;
  #refill: (() => void) | undefined;

  constructor({ senders, workers }: Clients, target: (n: number) => string, write: Kind['write']) {
    this.#senders = senders;
    this.#target = target;
    this.#write = write;
    for (const worker of workers) {
      worker.take = (frame) => this.#arrived(frame);
      worker.readEnded = () => this.#refill?.();
    }
    for (const sender of senders) sender.take = (frame) => this.#heard(frame);
  }

  /** Messages sent since the beginning. */
  get sent(): number {
    return this.#next;
  }

  /** Keeps `inFlight` messages under way for so many seconds. */
  async window(inFlight: number, seconds: number): Promise<Phase> {
    const start = this.#begin();
    this.#refill = () => {
      const now = performance.now();
      const missing = inFlight - this.#open.size;
      if (missing > 0) this.#send(missing, now);
    };
    this.#refill();
    await sleep(seconds * 1000);
    this.#refill = undefined;
    return this.#end(start, false);
  }

  /** Sends so many messages a second, whether or not they arrive. */
  async rate(perSecond: number, seconds: number): Promise<Phase> {
    const start = this.#begin();
    const total = Math.round(perSecond * seconds);
    for (let sent = 0; sent < total; ) {
      const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * perSecond));
      for (; sent < due; sent += 1) this.#send(1, start + (sent / perSecond) * 1000);
      await sleep(1);
    }
    return this.#end(start, true);
  }

  #begin(): number {
    this.#received = 0;
    this.#lost = 0;
    this.#unexpected = 0;
    this.#latencies.length = 0;
    return performance.now();
  }

  async #end(start: number, timed: boolean): Promise<Phase> {
    const stopped = performance.now();
    const [received, seconds] = [this.#received, (stopped - start) / 1000];
    while (this.#open.size > 0 && performance.now() - stopped < patience) await sleep(5);
    const missing = this.#open.size;
    this.#open.clear();
    const problems = [
      ...(missing + this.#lost > 0 ? [`${missing + this.#lost} messages did not arrive`] : []),
      ...(this.#unexpected > 0 ? [`${this.#unexpected} messages came that nobody waited for`] : []),
    ];
    return { received, seconds, latency: timed ? latencyOf(this.#latencies) : undefined, problems };
  }

  #send(count: number, due: number): void {
    const texts = this.#senders.map(() => '');
    for (let n = 0; n < count; n += 1) {
      const id = `m${this.#next}`;
      const turn = this.#next % texts.length;
      this.#open.set(id, due);
      texts[turn] += this.#write(this.#target(this.#next), id);
      this.#next += 1;
    }
    this.#senders.forEach((sender, turn) => {
      const text = texts[turn] ?? '';
      if (text !== '') sender.send(text);
    });
  }

  #arrived(frame: Frame): void {
    if (frame.name !== 'message') return;
    const id = attribute(frame.text, 'id') ?? '';
    const due = this.#open.get(id);
    if (due === undefined) {
      this.#unexpected += 1;
      return;
    }
    this.#open.delete(id);
    this.#received += 1;
    this.#latencies.push(performance.now() - due);
  }

  /** An error for one of our messages. */
  #heard(frame: Frame): void {
    if (frame.name === 'message' && this.#open.delete(attribute(frame.text, 'id') ?? '')) this.#lost += 1;
  }
}

/** In microseconds. The first messages of a phase pay for what it takes to get going. */
function latencyOf(milliseconds: readonly number[]): Latency {
  const counted = milliseconds.slice(Math.min(settling, Math.floor(milliseconds.length / 5)));
  const sorted = counted.toSorted((a, b) => a - b);
  const at = (share: number): number => (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN) * 1000;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
