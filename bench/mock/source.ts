/**
 * The messages that the mock sends: one ring of ready bytes, in which only the high digits of
 * the ids change from lap to lap. A send is a slice of the ring; nothing is built on the way.
 */
import type { Writable } from 'node:stream';
import { senderHost } from '../scene.ts';

/** Fewest messages in the ring. A power of ten, so that a slot keeps the low digits of its id. */
const leastSlots = 10_000;

/** Length of one message in bytes. */
export const messageLength = 300;

/** Digits of an id, after its letter. */
export const idDigits = 8;

/** Digits of a sender's number. */
export const senderDigits = 6;

/** The letter before the digits. */
export const idLetter = 'b';

const text = 'Sensor report: 21.5 degrees, 40 percent humidity, battery good, next report in ten minutes. ';

/** The full JID of one of the senders. */
function senderOf(number: number): string {
  return `s${String(number).padStart(senderDigits, '0')}@${senderHost}/r`;
}

/** The body that every message carries, of whatever length makes `messageLength` bytes. */
export function bodyFor(pool: string): string {
  const length = messageLength - message(pool, 0, 0, '').length;
  return `${text.repeat(Math.ceil(length / text.length)).slice(0, length - 1)}.`;
}

function message(pool: string, slot: number, sender: number, body: string): string {
  const id = idLetter + String(slot).padStart(idDigits, '0');
  return `<message from='${senderOf(sender)}' to='${pool}' type='chat' id='${id}'><body>${body}</body></message>`;
}

/** A ring of messages to one pool, numbered without a gap; each sender takes his turn. */
export class MessageSource {
  /** Messages in the ring. */
  readonly slots: number;
  readonly #ring: Buffer;
  readonly #highDigits: number;
  readonly #highAt: number;
  #next = 0;

  /** @param senders Different senders, a power of ten. */
  constructor(pool: string, senders: number) {
    const slots = Math.max(leastSlots, senders);
    const body = bodyFor(pool);
    const first = message(pool, 0, 0, body);
    this.slots = slots;
    this.#ring = Buffer.alloc(slots * messageLength);
    this.#highDigits = idDigits - String(slots - 1).length;
    for (let slot = 0; slot < slots; slot++) {
      this.#ring.write(message(pool, slot, slot % senders, body), slot * messageLength, 'latin1');
    }
    this.#highAt = first.indexOf(`id='${idLetter}`) + `id='${idLetter}`.length;
  }

  /** Number of the next message. */
  get next(): number {
    return this.#next;
  }

  /** Writes the next `count` messages, at most `slots`; none of the last `slots - count` may be unanswered. */
  send(socket: Writable, count: number): void {
    const slot = this.#next % this.slots;
    const first = Math.min(count, this.slots - slot);
    this.#write(socket, slot, first);
    if (first < count) this.#write(socket, 0, count - first);
  }

  #write(socket: Writable, slot: number, count: number): void {
    const lap = Math.floor(this.#next / this.slots);
    if (lap > 0) this.#number(slot, count, lap);
    const start = slot * messageLength;
    socket.write(this.#ring.subarray(start, start + count * messageLength));
    this.#next += count;
  }

  #number(slot: number, count: number, lap: number): void {
    const digits = Buffer.from(String(lap).padStart(this.#highDigits, '0'), 'latin1');
    const ring = this.#ring;
    const end = (slot + count) * messageLength;
    for (let at = slot * messageLength + this.#highAt; at < end; at += messageLength) {
      for (let digit = 0; digit < digits.length; digit += 1) ring[at + digit] = digits[digit] ?? 0;
    }
  }
}
