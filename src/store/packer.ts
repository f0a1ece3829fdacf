/** Stands for the length of a text that is `undefined`. */
const absent = -1;
/** Stands for the length of a text that is the same as the one before of its kind. */
const same = -2;

/** Numbers that a packer has room for at first, and the most that the next one takes over. */
const usual = 16_384;
const kept = 262_144;

/** Texts are joined by so many: a list that grew with the batch, and all its text, would be copied again and again. */
const joined = 256;

/** The numbers of the last packer that has finished, for the next one: a new array for each batch is work for the garbage collector. */
let spare: Float64Array<ArrayBuffer> | undefined;

/** Numbers side by side, and texts end to end with their lengths among the numbers. */
export interface Packed {
  readonly numbers: Float64Array<ArrayBuffer>;
  /** In parts, none of which ends within a text. */
  readonly parts: readonly string[];
}

/** Texts that are mostly the same as in the change before. */
export type Repeated = 'pool' | 'to';

/** Packs numbers and texts, one after the other. */
export class Packer {
  #numbers: Float64Array<ArrayBuffer>;
  /** Texts that are not joined yet. */
  readonly #texts: string[] = [];
  #count = 0;
  #parts: string[] = [];
  #at = 0;
  readonly #last: Record<Repeated, string | undefined> = { pool: undefined, to: undefined };

  constructor() {
    this.#numbers = spare ?? new Float64Array(usual);
    spare = undefined;
  }

  /** Makes room for so many numbers; to be called before they are packed. */
  reserve(count: number): void {
    if (this.#at + count <= this.#numbers.length) return;
    const larger = new Float64Array(2 * this.#numbers.length + count);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }

  number(value: number): void {
    this.#numbers[this.#at] = value;
    this.#at += 1;
  }

  text(value: string | undefined): void {
    if (value === undefined) this.number(absent);
    else {
      this.number(value.length);
      this.#texts[this.#count] = value;
      this.#count += 1;
      if (this.#count === joined) this.#join();
    }
  }

  repeated(what: Repeated, value: string): void {
    if (this.#last[what] === value) this.number(same);
    else {
      this.#last[what] = value;
      this.text(value);
    }
  }

  /** All of it. Nothing may be packed any more. */
  finish(): Packed {
    const numbers = this.#numbers.slice(0, this.#at);
    if (this.#numbers.length <= kept) spare = this.#numbers;
    this.#join();
    const parts = this.#parts;
    // The batch lives on until it is reported, and need not keep the text alive.
    this.#parts = [];
    this.#texts.length = 0;
    return { numbers, parts };
  }

  #join(): void {
    this.#texts.length = this.#count;
    this.#parts.push(this.#texts.join(''));
    this.#count = 0;
  }
}

/** Reads what a packer has packed, in the same order. */
export class Unpacker {
  readonly #numbers: Float64Array;
  readonly #parts: readonly string[];
  #at = 0;
  /** The part that is read, and how far. */
  #part = 0;
  #read = 0;
  readonly #last: Record<Repeated, string> = { pool: '', to: '' };

  constructor({ numbers, parts }: Packed) {
    this.#numbers = numbers;
    this.#parts = parts;
  }

  get hasMore(): boolean {
    return this.#at < this.#numbers.length;
  }

  number(): number {
    const value = this.#numbers[this.#at] ?? 0;
    this.#at += 1;
    return value;
  }

  text(): string {
    return this.optionalText() ?? '';
  }

  optionalText(): string | undefined {
    const length = this.number();
    return length === absent ? undefined : this.#take(length);
  }

  repeated(what: Repeated): string {
    const length = this.number();
    if (length !== same) this.#last[what] = this.#take(length);
    return this.#last[what];
  }

  #take(length: number): string {
    if (length === 0) return '';
    if (this.#read === this.#parts[this.#part]?.length) {
      this.#part += 1;
      this.#read = 0;
    }
    const start = this.#read;
    this.#read += length;
    return (this.#parts[this.#part] ?? '').substring(start, this.#read);
  }
}
