import { domainOf } from '../jid.ts';
import type { Out } from '../ports.ts';
import type { Member } from './member.ts';
import type { Pool } from './pool.ts';

/** How often one member of a domain that cannot be reached is pinged, in milliseconds. */
const tryAgain = 10_000;

/** Whether an error condition says that the addressee's whole server cannot be reached (RFC 6120 8.3.3.16, 17). */
export function meansUnreachable(condition: string): boolean {
  return condition === 'remote-server-not-found' || condition === 'remote-server-timeout';
}

/** A member that is cut off, with its pool. */
interface CutOff {
  readonly pool: Pool;
  readonly member: Member;
}

/** A domain that cannot be reached. */
interface Outage {
  /** Its members, the one that is asked next first. */
  members: CutOff[];
  askAt: number;
}

/**
 * Domains whose server cannot be reached. Their members get nothing and stay members, however
 * long it takes: they may live, and do not know that they were ever gone. One of them is pinged
 * every ten seconds; when it answers, all the others are asked.
 */
export class Outages {
  readonly #out: Out;
  readonly #pools: () => Iterable<Pool>;
  readonly #ask: (pool: Pool, member: Member, now: number) => void;
  readonly #outages = new Map<string, Outage>();

  /** @param ask Pings a member. */
  constructor(out: Out, pools: () => Iterable<Pool>, ask: (pool: Pool, member: Member, now: number) => void) {
    this.#out = out;
    this.#pools = pools;
    this.#ask = ask;
  }

  /** The server of `member` cannot be reached. */
  begin(pool: Pool, member: Member, now: number): void {
    const domain = domainOf(member.jid);
    const known = this.#outages.get(domain);
    if (known !== undefined) {
      // It joined, or was heard, while nobody else of its domain answered.
      if (member.state !== 'cut-off') known.members.push({ pool, member });
      pool.setState(member, 'cut-off');
      return;
    }
    const members: CutOff[] = [];
    for (const other of this.#pools()) {
      for (const colleague of other.roster) {
        if (domainOf(colleague.jid) !== domain) continue;
        other.setState(colleague, 'cut-off');
        members.push({ pool: other, member: colleague });
      }
    }
    this.#outages.set(domain, { members, askAt: now + tryAgain });
    this.#note('domain-unreachable', domain, `the server of ${domain} cannot be reached`, members.length);
  }

  /** The server of `member` answered a ping: if its domain was cut off, it is so no longer. */
  end(member: Member, now: number): void {
    if (this.#outages.size === 0) return;
    const domain = domainOf(member.jid);
    const outage = this.#outages.get(domain);
    if (outage === undefined) return;
    this.#outages.delete(domain);
    this.#note('domain-reachable', domain, `the server of ${domain} is reached again`, outage.members.length);
    for (const { pool, member: colleague } of outage.members) {
      if (!isCutOff(pool, colleague)) continue;
      pool.setState(colleague, 'checking');
      if (colleague !== member) this.#ask(pool, colleague, now);
    }
  }

  /** All members are asked anew: what was known of their servers is void. */
  clear(): void {
    this.#outages.clear();
  }

  tick(now: number): void {
    for (const [domain, outage] of this.#outages) {
      if (outage.askAt > now) continue;
      outage.askAt = now + tryAgain;
      outage.members = outage.members.filter(({ pool, member }) => isCutOff(pool, member));
      const next = outage.members.shift();
      if (next === undefined) {
        this.#outages.delete(domain);
        continue;
      }
      outage.members.push(next);
      this.#ask(next.pool, next.member, now);
    }
  }

  #note(event: string, domain: string, text: string, members: number): void {
    const level = event === 'domain-unreachable' ? 'warn' : 'info';
    this.#out.notice({ level, event, pool: undefined, text, detail: { domain, members } });
  }
}

function isCutOff(pool: Pool, member: Member): boolean {
  return member.state === 'cut-off' && pool.roster.holds(member);
}
