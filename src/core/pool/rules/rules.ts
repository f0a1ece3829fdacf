import { RequestTerms } from '../../requests/terms.ts';
import type { PoolSettings } from '../../settings.ts';
import { AccessList } from './access.ts';
import { PatternMap } from './pattern-map.ts';

/** The settings of one pool, and what is made of them. */
export class Rules {
  readonly settings: PoolSettings;
  readonly workers: AccessList;
  readonly senders: AccessList;
  readonly owners: AccessList;
  readonly requests: RequestTerms;
  /** Weights by JID. */
  readonly weights: PatternMap<number>;

  /** @param verdicts Addresses that each access list remembers. */
  constructor(settings: PoolSettings, verdicts: number) {
    this.settings = settings;
    this.workers = new AccessList(settings.workers, verdicts);
    this.senders = new AccessList(settings.senders, verdicts);
    this.owners = new AccessList(settings.owners, verdicts);
    this.requests = new RequestTerms(settings.requests);
    this.weights = new PatternMap(Object.entries(settings.weights));
  }

  /** Whether the pool exists for `jid`: to anybody else it is as if it did not. */
  showTo(jid: string): boolean {
    return this.senders.allows(jid) || this.workers.allows(jid) || this.owners.allows(jid);
  }

  /** Whether `other` limits rates alike. */
  hasRatesOf(other: Rules): boolean {
    return JSON.stringify(this.settings.rate) === JSON.stringify(other.settings.rate);
  }
}
