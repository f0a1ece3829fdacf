/** Types of elements, by their numbers in `pg_type`, and the bytes of one that is not a text. */
const bigintType = 20;
const integerType = 23;
const textType = 25;

/** Dimensions, whether there are nulls, type, length, first index: what comes before the elements. */
const headerBytes = 20;
const nullLength = -1;
const above32 = 2 ** 32;

/** Room that a column begins with once it has an element: of the columns of a batch most never have one. */
const usualBytes = 512;
const noBytes = Buffer.alloc(0);

const noBigints = emptyArray(bigintType);
const noIntegers = emptyArray(integerType);
const noTexts = emptyArray(textType);

/** The array without elements, by the type of those that it has not. */
function emptyArray(type: number): Buffer {
  const array = Buffer.alloc(12);
  array.writeInt32BE(type, 8);
  return array;
}

/**
 * An array as PostgreSQL reads it fastest: no text to make here, and none to parse there. Nulls at either end are left out
 * as long as it can be: a column that few rows have costs the others nothing.
 */
abstract class Column {
  protected bytes = noBytes;
  protected at = headerBytes;
  readonly #type: number;
  readonly #empty: Buffer;
  /** Elements so far, and those of them that are written. */
  #length = 0;
  #written = 0;

  /** @param empty The array without elements; nobody writes into it. */
  constructor(type: number, empty: Buffer) {
    this.#type = type;
    this.#empty = empty;
  }

  /** The array; nothing may be pushed any more. */
  finish(): Buffer {
    if (this.#written === 0) return this.#empty;
    const array = this.bytes;
    array.writeInt32BE(1, 0);
    array.writeInt32BE(1, 4);
    array.writeInt32BE(this.#type, 8);
    array.writeInt32BE(this.#written, 12);
    array.writeInt32BE(1, 16);
    return array.subarray(0, this.at);
  }

  protected skip(): void {
    this.#length += 1;
  }

  /** Makes the next element the one that is written, with room for its length and so many bytes. */
  protected advance(most: number): void {
    const nulls = this.#length - this.#written;
    this.#reserve(4 * nulls + 4 + most);
    for (let left = nulls; left > 0; left -= 1) this.at = this.bytes.writeInt32BE(nullLength, this.at);
    this.#length += 1;
    this.#written = this.#length;
  }

  #reserve(more: number): void {
    const least = this.at + more;
    if (least <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(usualBytes, 2 * this.bytes.length, least));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

export class BigintColumn extends Column {
  constructor() {
    super(bigintType, noBigints);
  }

  /** @param value A safe integer. */
  push(value: number | undefined): void {
    if (value === undefined) {
      this.skip();
      return;
    }
    this.advance(8);
    const { bytes, at } = this;
    bytes.writeInt32BE(8, at);
    bytes.writeInt32BE(Math.floor(value / above32), at + 4);
    this.at = bytes.writeUInt32BE(value >>> 0, at + 8);
  }
}

export class IntegerColumn extends Column {
  constructor() {
    super(integerType, noIntegers);
  }

  push(value: number): void {
    this.advance(4);
    this.at = this.bytes.writeInt32BE(value, this.bytes.writeInt32BE(4, this.at));
  }
}

export class TextColumn extends Column {
  constructor() {
    super(textType, noTexts);
  }

  push(value: string | undefined): void {
    if (value === undefined) {
      this.skip();
      return;
    }
    // UTF-8 has at most three bytes for a unit of UTF-16.
    this.advance(3 * value.length);
    const written = this.bytes.write(value, this.at + 4);
    this.at = this.bytes.writeInt32BE(written, this.at) + written;
  }
}
