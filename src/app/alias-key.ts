const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** Bytes in lower-case base32 (RFC 4648 section 6) without padding: 16 of them are 26 characters. */
export function aliasKey(bytes: Uint8Array): string {
  let key = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      key += alphabet.charAt((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? key : key + alphabet.charAt((held << (5 - bits)) & 31);
}
