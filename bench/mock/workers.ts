import type { Writable } from 'node:stream';
import { senderHost } from '../scene.ts';
import type { Service } from './protocol.ts';
import { idDigits, idLetter, senderDigits } from './source.ts';

/** Receipts that one piece of memory holds. */
const chunk = 500;

/**
 * Workers that acknowledge what they get by a receipt (XEP-0184): a template, into which three
 * numbers of each message are copied, so that it costs the mock next to nothing. What is before the
 * id of a message always has the same length.
 */
export class Workers {
  readonly #template: Buffer;
  /** Where the numbers are in the template, and how far before the id's digits in a message. */
  readonly #places: readonly (readonly [at: number, before: number, digits: number])[];
  readonly #workerBefore: number;
  #memory: Buffer;
  #used = 0;
  #sent = 0;
  /** By worker: when it acknowledged something for which it has got nothing new yet. */
  readonly #free = new Map<number, number[]>();
  #turnarounds: number[] | undefined;
  /** While false they keep what they have, until `acknowledge` is called. */
  atOnce = true;

  constructor({ pool, workers }: Service) {
    const [worker = ''] = workers;
    const zeros = (digits: number): string => '0'.repeat(digits);
    const from = `<message from='`;
    const to = `${from}${worker}' to='${pool}/s`;
    const id = `${to}${zeros(senderDigits)}@${senderHost}/r'><received xmlns='urn:xmpp:receipts' id='${idLetter}`;
    this.#template = Buffer.from(`${id}${zeros(idDigits)}'/></message>`, 'latin1');
    this.#memory = this.#fresh();
    const workerTail = `' id='${idLetter}`.length + worker.length - 1;
    const senderTail = `@${senderHost}/r' to='w`.length + workerTail;
    this.#workerBefore = workerTail;
    this.#places = [
      [from.length + 1, workerTail, 1],
      [to.length, senderTail + senderDigits, senderDigits],
      [id.length, 0, idDigits],
    ];
  }

  /** Takes a message; the digits of its id begin at `idAt`. */
  take(bytes: Buffer, idAt: number): void {
    this.#arrived(bytes[idAt - this.#workerBefore] ?? 0);
    if (this.#used === this.#memory.length) this.#grow();
    const base = this.#used;
    this.#template.copy(this.#memory, base);
    for (const [at, before, digits] of this.#places) {
      const start = idAt - before;
      for (let digit = 0; digit < digits; digit += 1) this.#memory[base + at + digit] = bytes[start + digit] ?? 0;
    }
    this.#used += this.#template.length;
  }

  /** Sends the receipts of what was taken, if they are to be sent at once. */
  readEnded(socket: Writable): void {
    if (this.atOnce) this.acknowledge(socket, Number.POSITIVE_INFINITY);
  }

  /** Sends the oldest `count` receipts; gives how many there were. */
  acknowledge(socket: Writable, count: number): number {
    const { length } = this.#template;
    const now = Math.min(count, (this.#used - this.#sent) / length);
    if (now === 0) return 0;
    const receipts = this.#memory.subarray(this.#sent, this.#sent + now * length);
    this.#sent += now * length;
    if (this.#turnarounds !== undefined) this.#noteFree(receipts);
    socket.write(receipts);
    // What was written must stay as it is until it has gone.
    if (this.#sent === this.#used) {
      this.#memory = this.#fresh();
      this.#used = 0;
      this.#sent = 0;
    }
    return now;
  }

  /** Begins to measure how long a worker waits from a receipt to its next message. */
  measure(): void {
    this.#turnarounds = [];
    this.#free.clear();
  }

  /** Ends that; in milliseconds, sorted. */
  measured(): readonly number[] {
    const sorted = (this.#turnarounds ?? []).toSorted((a, b) => a - b);
    this.#turnarounds = undefined;
    return sorted;
  }

  #arrived(worker: number): void {
    if (this.#turnarounds === undefined) return;
    const since = this.#free.get(worker)?.shift();
    if (since !== undefined) this.#turnarounds.push(performance.now() - since);
  }

  #noteFree(receipts: Buffer): void {
    const [[at] = [0]] = this.#places;
    const now = performance.now();
    for (let start = 0; start < receipts.length; start += this.#template.length) {
      const worker = receipts[start + at] ?? 0;
      const free = this.#free.get(worker) ?? [];
      free.push(now);
      this.#free.set(worker, free);
    }
  }

  #fresh(): Buffer {
    return Buffer.allocUnsafe(chunk * this.#template.length);
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(2 * this.#memory.length);
    this.#memory.copy(larger, 0, 0, this.#used);
    this.#memory = larger;
  }
}
