import { bareOf, prepareJid } from '../../address/jid.ts';

/**
 * Values by access pattern; the most specific pattern wins: the full JID, the account or host,
 * `*@host`, `**@host`, `*`. A look-up costs the same for one pattern and for a thousand.
 */
export class PatternMap<T> {
  readonly #exact = new Map<string, T>();
  readonly #accountsOf = new Map<string, T>();
  readonly #allOf = new Map<string, T>();
  #any: T | undefined;

  /** Patterns as `parsePattern` returns them. */
  constructor(entries: Iterable<readonly [pattern: string, value: T]>) {
    for (const [pattern, value] of entries) {
      if (pattern === '*') this.#any = value;
      else if (pattern.startsWith('**@')) this.#allOf.set(pattern.slice(3), value);
      else if (pattern.startsWith('*@')) this.#accountsOf.set(pattern.slice(2), value);
      else this.#exact.set(pattern, value);
    }
  }

  /** The value for a JID, full or bare, or a domain. One that cannot be prepared counts as written. */
  get(address: string): T | undefined {
    if (this.#exact.size === 0 && this.#accountsOf.size === 0 && this.#allOf.size === 0) return this.#any;
    const prepared = prepareJid(address);
    const jid = prepared.ok ? prepared.jid : address;
    const bare = bareOf(jid);
    const at = bare.indexOf('@');
    const host = at < 0 ? bare : bare.slice(at + 1);
    return (
      this.#exact.get(jid) ??
      this.#exact.get(bare) ??
      (at < 0 ? undefined : this.#accountsOf.get(host)) ??
      this.#allOf.get(host) ??
      this.#any
    );
  }
}
