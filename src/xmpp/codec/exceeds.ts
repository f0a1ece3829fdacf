/** Whether `text` is longer than `limit` bytes in UTF-8. Counts only where the length leaves it open. */
export function exceeds(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  // A UTF-16 code unit is at most three bytes.
  return text.length * 3 > limit && Buffer.byteLength(text) > limit;
}
