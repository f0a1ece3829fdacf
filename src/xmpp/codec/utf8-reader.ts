import { isUtf8 } from 'node:buffer';
import { FramingError } from './framing-error.ts';

const empty = Buffer.alloc(0);

/**
 * Bytes to text, for chunks that end anywhere. Unlike `StringDecoder` it does not put U+FFFD
 * for bytes that are no UTF-8: what we pass on would no longer be what was sent.
 */
export class Utf8Reader {
  #rest: Buffer = empty;

  /**
   * The text that is complete so far; the bytes of an unfinished character wait for the rest.
   *
   * @throws {FramingError} when the bytes are no UTF-8 (RFC 6120 section 11.6).
   */
  read(chunk: Buffer): string {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = bytes.length - unfinished(bytes);
    const whole = end === bytes.length ? bytes : bytes.subarray(0, end);
    if (!isUtf8(whole)) throw new FramingError('not-well-formed', 'The bytes are not valid UTF-8.');
    // A copy: the chunk's memory belongs to the socket.
    this.#rest = end === bytes.length ? empty : Buffer.from(bytes.subarray(end));
    return whole.toString('utf8');
  }
}

/** How many bytes at the end begin a character that is not complete: 0 to 3. */
function unfinished(bytes: Buffer): number {
  const last = bytes.length - 1;
  for (let back = 0; back < 3 && back <= last; back++) {
    const byte = bytes[last - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back + 1 ? back + 1 : 0;
    }
  }
  return 0;
}
