import { createHash } from 'node:crypto';

/** Hexadecimal digits that a digest is cut to: 128 bits. */
const length = 32;

/** SHA-256 of a text, as the first 32 of its hexadecimal digits. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
