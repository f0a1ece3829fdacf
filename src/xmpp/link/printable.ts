/** At most 200 characters of foreign text, without line breaks and control characters. */
export function printable(text: string): string {
  return text
    .slice(0, 200)
    .replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]+/gu, ' ')
    .trim();
}
