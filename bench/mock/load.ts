import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame } from './frame.ts';
import { attribute } from './frame.ts';
import type { Latency, PhaseResult, Service } from './protocol.ts';
import { bodyFor, MessageSource } from './source.ts';
import { maxMessages, ReplyVerifier } from './verifier.ts';
import { Workers } from './workers.ts';

/** How long the load waits for a reply before it counts what is missing as lost. */
const patience = 5000;

/** How long a fixed rate runs before its latencies count, in seconds. */
const settling = 0.3;

/** What a phase does when a chunk was read; `replies` is how many replies it held. */
type OnReplies = (replies: number) => void;

/** Sends the messages of one phase after another over one stream, and judges the replies. */
export class Load {
  readonly #source: MessageSource;
  readonly #verifier: ReplyVerifier;
  readonly #shares: Record<string, number> = {};
  /** Workers that acknowledge, where there are any. */
  readonly #workers: Workers | undefined;
  #onReplies: OnReplies = () => undefined;
  #socket: Socket | undefined;

  constructor(service: Service, other: (frame: Frame) => void) {
    this.#source = new MessageSource(service.pool, service.senders);
    const expected = `<body>${bodyFor(service.pool)}</body>`;
    const known = new Set(service.workers.length > 0 ? service.workers : [service.pool]);
    const acknowledging = service.acknowledges === true ? new Workers(service) : undefined;
    this.#workers = acknowledging;
    const reply = acknowledging && ((bytes: Buffer, idAt: number) => acknowledging.take(bytes, idAt));
    this.#verifier = new ReplyVerifier(
      (frame) => {
        const to = attribute(frame.text, 'to') ?? '';
        this.#shares[to] = (this.#shares[to] ?? 0) + 1;
        if (!known.has(to)) return `a reply went to "${to}": ${frame.text.slice(0, 400)}`;
        return frame.text.includes(expected) ? undefined : `a reply lost its body: ${frame.text.slice(0, 400)}`;
      },
      other,
      reply,
    );
  }

  /** Takes what was read from the component. */
  read(chunk: Buffer): void {
    const before = this.#verifier.received;
    this.#verifier.feed(chunk, this.#source.next);
    if (this.#socket !== undefined) this.#workers?.readEnded(this.#socket);
    this.#onReplies(this.#verifier.received - before);
  }

  /** Sends `messages`, at most a hundred in flight, and reads each reply in full. */
  async check(socket: Socket, messages: number): Promise<PhaseResult> {
    this.#verifier.thorough = true;
    const result = await this.window(socket, 100, 60, messages);
    this.#verifier.thorough = false;
    return result;
  }

  /** Keeps `inFlight` messages under way for `seconds`, or until `messages` were sent. */
  async window(socket: Socket, inFlight: number, seconds: number, messages = maxMessages): Promise<PhaseResult> {
    const meter = this.#begin(socket, undefined);
    const stop = meter.start + seconds * 1000;
    let left = Math.min(messages, maxMessages);
    const send = (count: number): void => {
      const now = Math.min(count, left);
      left -= now;
      if (now > 0) this.#source.send(socket, now);
    };
    this.#onReplies = (replies) => {
      if (performance.now() >= stop) left = 0;
      else send(replies);
    };
    send(inFlight);
    await this.#settled(meter.base, () => left === 0);
    return this.#end(meter, undefined);
  }

  /**
   * Sends at fixed times, `perSecond` evenly spread, whether or not replies come. Only when
   * half a ring is unanswered does it hold back; what is late then counts from when it was due.
   */
  async rate(socket: Socket, perSecond: number, seconds: number): Promise<PhaseResult> {
    const total = Math.floor(perSecond * (seconds + settling));
    const arrivals = new Float64Array(total);
    const meter = this.#begin(socket, arrivals);
    let sent = 0;
    await new Promise<void>((resolve) => {
      // Timers are too coarse: the loop is kept turning, and each turn sends what is due.
      const turn = (): void => {
        const due = 1 + Math.floor(((performance.now() - meter.start) * perSecond) / 1000);
        const now = Math.min(total, due, this.#verifier.received + this.#source.slots / 2) - sent;
        if (now > 0) this.#source.send(socket, now);
        sent += now;
        if (sent < total && !socket.destroyed) setImmediate(turn);
        else resolve();
      };
      turn();
    });
    await this.#settled(meter.base, () => true);
    return this.#end(meter, latencies(arrivals, meter.start, perSecond));
  }

  /** Sends `messages` as fast as they are read; what comes back is the next phase's. `first`: a phase begins. */
  async flood(socket: Socket, messages: number, first: boolean): Promise<PhaseResult> {
    const started = performance.now();
    if (first) this.#begin(socket, undefined);
    for (let left = messages; left > 0 && !socket.destroyed; ) {
      const now = Math.min(left, this.#source.slots / 10);
      this.#source.send(socket, now);
      left -= now;
      while (socket.writableLength > 0 && !socket.destroyed) await sleep(1);
    }
    const seconds = (performance.now() - started) / 1000;
    const verdict = this.#verifier.verdict();
    return { ...verdict, sent: messages, seconds, mockCpuSeconds: 0, latency: undefined, shares: {} };
  }

  /** Lets the workers take what there is, paced by their receipts for `seconds`, or until nothing comes any more. */
  async drain(socket: Socket, perSecond: number | undefined, seconds: number): Promise<PhaseResult> {
    const workers = this.#workers;
    if (workers === undefined) throw new Error('these workers do not acknowledge');
    const start = performance.now();
    const before = this.#verifier.received;
    const cpu = process.cpuUsage();
    workers.measure();
    workers.atOnce = perSecond === undefined;
    if (perSecond === undefined) {
      workers.readEnded(socket);
      for (
        let came = -1;
        came !== this.#verifier.received || performance.now() - this.#verifier.lastReply < patience;
      ) {
        came = this.#verifier.received;
        await sleep(50);
      }
    } else {
      for (let sent = 0; performance.now() - start < seconds * 1000 && !socket.destroyed; ) {
        const due = Math.floor(((performance.now() - start) * perSecond) / 1000);
        sent += workers.acknowledge(socket, due - sent);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const used = process.cpuUsage(cpu);
    const sorted = Float64Array.from(workers.measured(), (milliseconds) => milliseconds * 1000);
    return {
      ...this.#verifier.verdict(),
      sent: 0,
      received: this.#verifier.received - before,
      seconds: ((perSecond === undefined ? this.#verifier.lastReply : performance.now()) - start) / 1000,
      mockCpuSeconds: (used.user + used.system) / 1e6,
      latency: percentiles(sorted, sorted.length),
      shares: {},
    };
  }

  #begin(socket: Socket, arrivals: Float64Array | undefined): Meter {
    this.#socket = socket;
    const base = this.#source.next;
    this.#verifier.begin(base, arrivals);
    for (const worker of Object.keys(this.#shares)) this.#shares[worker] = 0;
    this.#onReplies = () => undefined;
    return { base, start: performance.now(), cpu: process.cpuUsage() };
  }

  /** Resolves when all is sent and answered, or nothing has come back for `patience`. */
  async #settled(base: number, allSent: () => boolean): Promise<void> {
    let received = -1;
    let since = performance.now();
    for (;;) {
      if (allSent() && this.#verifier.received === this.#source.next - base) return;
      if (this.#socket?.destroyed === true) return;
      if (this.#verifier.received !== received) {
        received = this.#verifier.received;
        since = performance.now();
      } else if (performance.now() - since > patience) return;
      await sleep(5);
    }
  }

  #end(meter: Meter, latency: Latency | undefined): PhaseResult {
    const cpu = process.cpuUsage(meter.cpu);
    this.#onReplies = () => undefined;
    return {
      ...this.#verifier.verdict(),
      sent: this.#source.next - meter.base,
      seconds: (this.#verifier.lastReply - meter.start) / 1000,
      mockCpuSeconds: (cpu.user + cpu.system) / 1e6,
      latency,
      shares: { ...this.#shares },
    };
  }
}

interface Meter {
  readonly base: number;
  readonly start: number;
  readonly cpu: NodeJS.CpuUsage;
}

/** Percentiles from the moment each message was due, so that a stall counts for all it delayed. */
function latencies(arrivals: Float64Array, start: number, perSecond: number): Latency {
  const micros = new Float64Array(arrivals.length);
  let count = 0;
  arrivals.forEach((arrival, index) => {
    if (index >= settling * perSecond && arrival > 0)
      micros[count++] = (arrival - start - (index * 1000) / perSecond) * 1000;
  });
  return percentiles(micros.subarray(0, count).sort(), count);
}

function percentiles(sorted: Float64Array, count: number): Latency {
  const at = (share: number): number => sorted[Math.min(count - 1, Math.floor(count * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
