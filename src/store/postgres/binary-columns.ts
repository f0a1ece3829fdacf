/** Types of elements, by their numbers in `pg_type`, and the bytes of one that is not a text. */
const bigintType = 20;
const integerType = 23;
const textType = 25;

/** Dimensions, whether there are nulls, type, length, first index: what comes before the elements. */
const headerBytes = 20;
const nullLength = -1;
const above32 = 2 ** 32;

/**
 * An array as PostgreSQL reads it fastest: no text to make here, and none to parse there. Nulls at either end are left out
 * as long as it can be: a column that few rows have costs the others nothing.
 */
abstract class Column {
  protected bytes = Buffer.allocUnsafe(1024);
  protected at = headerBytes;
  readonly #type: number;
  /** Elements so far, and those of them that are written. */
  #length = 0;
  #written = 0;

  constructor(type: number) {
    this.#type = type;
  }

  /** The array; nothing may be pushed any more. */
  finish(): Buffer {
    const array = this.bytes;
    const dimensions = this.#written === 0 ? 0 : 1;
    array.writeInt32BE(dimensions, 0);
    array.writeInt32BE(1, 4);
    array.writeInt32BE(this.#type, 8);
    array.writeInt32BE(this.#written, 12);
    array.writeInt32BE(1, 16);
    return array.subarray(0, dimensions === 0 ? 12 : this.at);
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
    if (this.at + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * this.bytes.length + more);
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

export class BigintColumn extends Column {
  constructor() {
    super(bigintType);
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
    super(integerType);
  }

  push(value: number): void {
    this.advance(4);
    this.at = this.bytes.writeInt32BE(value, this.bytes.writeInt32BE(4, this.at));
  }
}

export class TextColumn extends Column {
  constructor() {
    super(textType);
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
