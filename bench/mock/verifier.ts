/**
 * What became of the messages: every id must come back once. The replies of one component
 * all have the same length, so after one was read in full the rest is read by stride: fixed
 * places hold the brackets, the id and nothing is searched. Whatever does not fit is read in
 * full again.
 */

import type { Frame } from './frame.ts';
import { attribute, frameAt } from './frame.ts';
import { idDigits, idLetter } from './source.ts';

/** Most messages of one phase. */
export const maxMessages = 16_000_000;

const lt = 0x3c;
const gt = 0x3e;
const m = 0x6d;
const e = 0x65;
const letter = idLetter.charCodeAt(0);
const zero = 0x30;
const none = Buffer.alloc(0);

/** What the verifier counted since `begin`. */
export interface Verdict {
  readonly received: number;
  readonly duplicates: number;
  /** What was wrong with replies read in full, the first few. */
  readonly faults: readonly string[];
}

export class ReplyVerifier {
  readonly #seen = new Uint8Array(maxMessages);
  readonly #other: (frame: Frame) => void;
  readonly #check: (frame: Frame) => string | undefined;
  /** Told of every reply, and where in it the digits of the id begin. */
  readonly #reply: ((bytes: Buffer, idAt: number) => void) | undefined;
  /** Length of the last reply that was read in full. */
  #readLength = 0;
  #held: Buffer = none;
  #stride = 0;
  #idAt = 0;
  #base = 0;
  #limit = 0;
  #received = 0;
  #duplicates = 0;
  #faults: string[] = [];
  #arrivals: Float64Array | undefined;
  #lastReply = 0;
  /** While true every reply is read in full. */
  thorough = true;

  /** `check` looks at a reply read in full and tells what is wrong with it; `other` takes all that is no message. */
  constructor(
    check: (frame: Frame) => string | undefined,
    other: (frame: Frame) => void,
    reply?: (bytes: Buffer, idAt: number) => void,
  ) {
    this.#check = check;
    this.#reply = reply;
    this.#other = other;
  }

  get received(): number {
    return this.#received;
  }

  /** When the last bytes were read (`performance.now()`). */
  get lastReply(): number {
    return this.#lastReply;
  }

  /** Starts to count at message `base`. With `arrivals`, the time of each reply is kept there. */
  begin(base: number, arrivals: Float64Array | undefined): void {
    this.#seen.fill(0, 0, this.#limit);
    this.#base = base;
    this.#limit = 0;
    this.#received = 0;
    this.#duplicates = 0;
    this.#faults = [];
    this.#arrivals = arrivals;
  }

  verdict(): Verdict {
    return { received: this.#received, duplicates: this.#duplicates, faults: this.#faults };
  }

  /** Takes what was read. `sent` is the number of the next message: no reply can be beyond. */
  feed(chunk: Buffer, sent: number): void {
    this.#limit = sent - this.#base;
    this.#lastReply = performance.now();
    let bytes = chunk;
    let at = 0;
    if (this.#held.length > 0) {
      at = this.#complete(chunk);
      if (at === 0) bytes = Buffer.concat([this.#held, chunk]);
      this.#held = none;
    }
    while (at < bytes.length) {
      at = this.#strides(bytes, at);
      const end = this.#inFull(bytes, at);
      if (end === at) break;
      at = end;
    }
    if (at < bytes.length) this.#held = bytes.subarray(at);
  }

  /** Completes the reply that the last chunk began; gives where the next begins, 0 if it does not fit. */
  #complete(chunk: Buffer): number {
    const missing = this.#stride - this.#held.length;
    if (this.thorough || missing <= 0 || missing > chunk.length) return 0;
    const reply = Buffer.concat([this.#held, chunk.subarray(0, missing)], this.#stride);
    return this.#strides(reply, 0) === this.#stride ? missing : 0;
  }

  /** Reads replies while they fit the stride; gives where it stopped. */
  #strides(bytes: Buffer, start: number): number {
    const stride = this.#stride;
    if (this.thorough || stride === 0) return start;
    const idAt = this.#idAt;
    const last = bytes.length - stride;
    let at = start;
    while (at <= last) {
      if (bytes[at] !== lt || bytes[at + 1] !== m || bytes[at + idAt - 1] !== letter) break;
      if (bytes[at + stride - 1] !== gt || bytes[at + stride - 2] !== e) break;
      this.#count(number(bytes, at + idAt));
      this.#reply?.(bytes, at + idAt);
      at += stride;
    }
    return at;
  }

  #count(id: number): void {
    const index = id - this.#base;
    if (!(index >= 0 && index < this.#limit)) {
      this.#fault(`a reply carries the id ${id}, which is not one of this phase`);
      return;
    }
    if (this.#seen[index] === 1) {
      this.#duplicates++;
      return;
    }
    this.#seen[index] = 1;
    this.#received++;
    if (this.#arrivals !== undefined) this.#arrivals[index] = this.#lastReply;
  }

  /** Reads one element in full; gives where the next begins, `at` itself while it is incomplete. */
  #inFull(bytes: Buffer, at: number): number {
    const frame = frameAt(bytes, at);
    if (frame === undefined) return at;
    if (frame.name !== 'message') {
      this.#other(frame);
      return frame.end;
    }
    const problem = this.#check(frame);
    if (problem !== undefined) this.#fault(problem);
    const id = attribute(frame.text, 'id') ?? '';
    const start = bytes.indexOf(id, at, 'latin1');
    if (id.length !== idDigits + 1 || start < 0) {
      this.#fault(`a reply carries the id "${id}"`);
      return frame.end;
    }
    const length = Buffer.byteLength(frame.text);
    // One that is odd, such as one in many that is marked, does not change what the others are read by.
    if (this.#stride === 0 || length === this.#readLength) {
      this.#stride = length;
      this.#idAt = start + 1 - (frame.end - length);
    }
    this.#readLength = length;
    this.#count(number(bytes, start + 1));
    this.#reply?.(bytes, start + 1);
    return frame.end;
  }

  #fault(text: string): void {
    if (this.#faults.length < 5) this.#faults.push(text);
  }
}

function number(bytes: Buffer, at: number): number {
  let value = 0;
  for (let place = at; place < at + idDigits; place++) value = value * 10 + (bytes[place] ?? 0) - zero;
  return value;
}
