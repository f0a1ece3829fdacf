/**
 * Hashes for rendezvous hashing: two lanes of 32 bits in the manner of MurmurHash3, over UTF-16
 * code units. Not for secrets: who may choose a key may choose a worker.
 */

const two32 = 4_294_967_296;
const two52 = 2 ** 52;

/** A hash of the first `length` units of `text`: a whole number below 2^53. */
export function hashText(text: string, length = text.length): number {
  let high = 0xdeadbeef ^ length;
  let low = 0x41c6ce57 ^ length;
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x5f356495);
    high = (high << 13) | (high >>> 19);
    low = (low << 15) | (low >>> 17);
  }
  const upper = finish(high ^ (low >>> 3)) >>> 11;
  return upper * two32 + (finish(low ^ Math.imul(high, 0x85ebca6b)) >>> 0);
}

/** A hash of two hashes, evenly between 0 and 1, neither of them included. */
export function mix(a: number, b: number): number {
  const high = finish(Math.imul(a >>> 0, 0xcc9e2d51) ^ finish(b >>> 0) ^ ((a / two32) | 0));
  const low = finish(Math.imul(b >>> 0, 0x1b873593) ^ finish((a >>> 0) ^ high) ^ ((b / two32) | 0));
  return ((high >>> 12) * two32 + (low >>> 0) + 0.5) / two52;
}

/** The final mix of MurmurHash3: every bit of the input moves every bit of the output. */
function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
