import { prepareDomain, prepareJid } from '../../address/jid.ts';
import { Memo } from '../../memory/memo.ts';
import { PatternMap } from './pattern-map.ts';

export type ParsedPattern =
  | { readonly ok: true; readonly pattern: string }
  /** `problem` says what is wrong and what to write. */
  | { readonly ok: false; readonly problem: string };

const forms =
  'write user@host, user@host/resource, host, host/resource, *@host (accounts of host), **@host (accounts and host itself) or *';

/** Prepares an access pattern (design.md, Access). */
export function parsePattern(text: string): ParsedPattern {
  if (text === '*') return { ok: true, pattern: text };
  const wildcard = /^\*{1,2}@/.exec(text)?.[0];
  const rest = wildcard === undefined ? text : text.slice(wildcard.length);
  if (rest.includes('*')) return { ok: false, problem: `* stands only for whole parts; ${forms}` };
  if (wildcard === undefined) {
    const prepared = prepareJid(text);
    return prepared.ok ? { ok: true, pattern: prepared.jid } : { ok: false, problem: `${prepared.problem}; ${forms}` };
  }
  if (rest.includes('/') || rest.includes('@')) {
    return { ok: false, problem: `after ${wildcard} comes a host and nothing else; ${forms}` };
  }
  const host = prepareDomain(rest);
  return host.ok
    ? { ok: true, pattern: `${wildcard}${host.value}` }
    : { ok: false, problem: `${host.problem}; ${forms}` };
}

/** Addresses whose verdict is remembered, unless it is said how many. */
const remembered = 1_024;

/** Who is let in. */
export class AccessList {
  readonly #allowed: PatternMap<true>;
  readonly #verdicts: Memo<boolean>;

  /**
   * @param patterns As `parsePattern` returns them; a list without any lets nobody in.
   * @param most Addresses whose verdict is remembered.
   */
  constructor(patterns: readonly string[], most = remembered) {
    this.#allowed = new PatternMap(patterns.map((pattern) => [pattern, true]));
    this.#verdicts = new Memo(most, (jid) => this.#allowed.get(jid) === true);
  }

  /** Whether any pattern matches `jid`, which is full, bare, or a domain. */
  allows(jid: string): boolean {
    return this.#verdicts.of(jid);
  }
}
