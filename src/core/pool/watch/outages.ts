import { domainOf } from '../../address/jid.ts';
import type { Out } from '../../ports.ts';
import type { Member } from '../member.ts';
import type { Pool } from '../pool.ts';

/** How often one member of a domain that cannot be reached is pinged, in milliseconds. */
const tryAgain = 10_000;

/** Whether an error condition says that the addressee's whole server cannot be reached (RFC 6120 8.3.3.16, 17). */
export function meansUnreachable(condition: string): boolean {
  return condition === 'remote-server-not-found' || condition === 'remote-server-timeout';
}

/** A domain that cannot be reached. */
interface Outage {
  /** Its members and their pools, the one that is asked next first. */
  readonly members: Map<Member, Pool>;
  askAt: number;
}

/**
 * Domains whose server cannot be reached. Their members get nothing and stay members, however
 * long it takes: they may live, and do not know that they were ever gone. One of them is pinged
 * every ten seconds, the first time at once where only a worker's word tells of the outage; when it
 * answers, all the others are asked.
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

  /** Members of which it is noted that they are cut off. */
  get size(): number {
    let size = 0;
    for (const { members } of this.#outages.values()) size += members.size;
    return size;
  }

  /**
   * The server of `member` cannot be reached.
   * @param askAt When the first member is asked, in epoch milliseconds.
   */
  begin(pool: Pool, member: Member, now: number, askAt = now + tryAgain): void {
    const domain = domainOf(member.jid);
    const known = this.#outages.get(domain);
    if (known !== undefined) {
      // It joined, or was heard, while nobody else of its domain answered.
      known.members.set(member, pool);
      pool.setState(member, 'cut-off');
      return;
    }
    const members = new Map<Member, Pool>();
    for (const other of this.#pools()) {
      for (const colleague of other.roster) {
        if (domainOf(colleague.jid) !== domain || colleague.far !== undefined) continue;
        other.setState(colleague, 'cut-off');
        if (colleague !== member) members.set(colleague, other);
      }
    }
    // It is asked last: it could say anything of its colleagues.
    members.set(member, pool);
    this.#outages.set(domain, { members, askAt });
    this.#note('domain-unreachable', domain, `the server of ${domain} cannot be reached`, members.size);
  }

  /** The server of `member` answered a ping: if its domain was cut off, it is so no longer. */
  end(member: Member, now: number): void {
    if (this.#outages.size === 0) return;
    const domain = domainOf(member.jid);
    const outage = this.#outages.get(domain);
    if (outage === undefined) return;
    this.#outages.delete(domain);
    this.#note('domain-reachable', domain, `the server of ${domain} is reached again`, outage.members.size);
    for (const [colleague, pool] of outage.members) {
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
      for (const [member, pool] of outage.members) if (!isCutOff(pool, member)) outage.members.delete(member);
      const [next] = outage.members;
      if (next === undefined) {
        this.#outages.delete(domain);
        continue;
      }
      const [member, pool] = next;
      outage.members.delete(member);
      outage.members.set(member, pool);
      this.#ask(pool, member, now);
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
