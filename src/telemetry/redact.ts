const mask = '[redacted]';

/** Keys whose values are never written; `secretFile` and `handshakeTimeout` are none of them. */
const sensitiveKey = /(?:secret|password|passphrase|token|handshake|authorization)$/i;
const sensitiveKeyInLine = /(?:secret|password|passphrase|token|handshake|authorization)"\s*:/i;

/** Content of the XEP-0114 handshake: whoever has it and the stream's id can test guesses of the secret. */
const handshakeElement = /(<handshake(?:\s[^>]*)?>)[^<]+/gi;

/** What pino itself writes; a secret that happens to look like it must not spoil it. */
const ownKeys: ReadonlySet<string> = new Set(['level', 'time']);

/**
 * Makes the function that takes secrets out of one finished line of JSON. The whole line is
 * treated, so message, error, stack, child bindings and any depth of nesting are all covered.
 * `secrets` are values that must appear nowhere, whatever key they stand under.
 */
export function redactor(secrets: readonly string[]): (line: string) => string {
  // The longest first: one secret may be part of another.
  const values = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  const escaped = values.map((value) => JSON.stringify(value).slice(1, -1));
  const suspicious = (line: string): boolean =>
    sensitiveKeyInLine.test(line) || line.includes('<handshake') || escaped.some((value) => line.includes(value));

  const text = (input: string): string => {
    let output = input.replace(handshakeElement, `$1${mask}`);
    for (const value of values) output = output.replaceAll(value, mask);
    return output;
  };
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), clean(key, inner)]));
  };
  const clean = (key: string, value: unknown): unknown => (sensitiveKey.test(key) ? mask : walk(value));

  return (line) => {
    if (!suspicious(line)) return line;
    const parsed: unknown = JSON.parse(line);
    const entries: [string, unknown][] = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
    const cleaned = entries.map(([key, value]) => (ownKeys.has(key) ? [key, value] : [text(key), clean(key, value)]));
    return `${JSON.stringify(Object.fromEntries(cleaned))}\n`;
  };
}
