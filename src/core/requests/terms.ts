import { AccessList } from '../pool/rules/access.ts';
import type { RedirectRule, RequestMode, RequestSettings } from '../settings.ts';
import { isReserved } from './namespaces.ts';

/** Stands for every namespace that may be passed on at all. */
const every = '*';

/** A redirect rule, ready to be asked. */
interface Rule {
  readonly rule: RedirectRule;
  readonly understoodBy: AccessList;
}

/** What a pool does with requests that it does not answer itself, as its settings say. */
export class RequestTerms {
  readonly mode: RequestMode;
  /** How long a worker may take to answer, in milliseconds. */
  readonly timeout: number;
  readonly #namespaces: ReadonlySet<string>;
  readonly #rules: ReadonlyMap<string, Rule>;

  constructor({ mode, timeout, namespaces, redirects }: RequestSettings) {
    this.mode = mode;
    this.timeout = timeout;
    this.#namespaces = new Set(mode === 'reject' ? [] : namespaces);
    this.#rules = new Map(
      redirects.map((rule) => [rule.namespace, { rule, understoodBy: new AccessList(rule.understoodBy) }]),
    );
  }

  /** Whether requests of `namespace` go to workers, or to where a rule says. */
  takes(namespace: string): boolean {
    if (isReserved(namespace)) return false;
    return this.#namespaces.has(namespace) || this.#namespaces.has(every);
  }

  /** The namespaces by name, for service discovery; `*` names none. */
  get advertised(): readonly string[] {
    return [...this.#namespaces].filter((namespace) => namespace !== every);
  }

  /** The rule for `namespace`; without one the algorithm chooses a worker. */
  ruleFor(namespace: string): RedirectRule | undefined {
    return this.#rules.get(namespace)?.rule;
  }

  /**
   * Whether `jid` can follow the rule for `namespace`. A query that is changed can be told in the form
   * of JEP-0051 only, which few clients read: those the operator names.
   */
  follows(namespace: string, jid: string): boolean {
    const found = this.#rules.get(namespace);
    return found === undefined || found.rule.query === undefined || found.understoodBy.allows(jid);
  }
}
