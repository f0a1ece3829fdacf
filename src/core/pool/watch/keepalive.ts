import { domainOf } from '../../address/jid.ts';
import type { Member } from '../member.ts';
import type { Pool } from '../pool.ts';

/** How long a member may be silent before it is pinged, in milliseconds. */
const silence = 300_000;
/** The same for a member whose death may never be reported. */
const shortSilence = 60_000;
/** Ticks that one look at all members takes. */
const ticksPerScan = 50;
/** Most pings in one tick: 200 a second. */
const perTick = 20;

/**
 * Whether the account's server is the one that the component is attached to, as far as names
 * tell: the component's domain is the server's, or below it. A server of another name costs a
 * ping a minute, even if it is the same machine.
 */
export function isNear(jid: string, domain: string): boolean {
  const host = domainOf(jid);
  return domain === host || domain.endsWith(`.${host}`);
}

/**
 * Finds members that have not been heard for long, to be pinged (design.md, Membership). A
 * server reports the end of a session to those whom the session sent presence; of a member on
 * another server, or one known from its answer to a ping alone, that report may never come.
 */
export class Keepalive {
  readonly #domain: string;
  readonly #pools: () => Iterable<Pool>;
  readonly #ask: (pool: Pool, member: Member, now: number) => void;
  #walk: Iterator<readonly [Pool, Member]> | undefined;

  /**
   * @param domain The component's.
   * @param pools All pools of the service, each time anew.
   * @param ask Pings a member.
   */
  constructor(domain: string, pools: () => Iterable<Pool>, ask: (pool: Pool, member: Member, now: number) => void) {
    this.#domain = domain;
    this.#pools = pools;
    this.#ask = ask;
  }

  /** Looks at some of the members: at each one every five seconds. */
  tick(now: number): void {
    let looks = 0;
    for (const pool of this.#pools()) looks += pool.roster.size;
    this.#walk ??= membersOf(this.#pools());
    let asked = 0;
    for (looks = Math.ceil(looks / ticksPerScan); looks > 0 && asked < perTick; looks -= 1) {
      const next = this.#walk.next();
      if (next.done === true) {
        this.#walk = undefined;
        return;
      }
      const [pool, member] = next.value;
      if (!this.#isDue(member, now)) continue;
      this.#ask(pool, member, now);
      asked += 1;
    }
  }

  #isDue(member: Member, now: number): boolean {
    // Who is being asked, whose whole domain is asked through one of its members, and who is asked otherwise.
    if (member.far !== undefined || member.state === 'checking' || member.state === 'cut-off') return false;
    const known = member.announced && member.state === 'verified' && isNear(member.jid, this.#domain);
    return now - Math.max(member.heardAt, member.pingedAt) >= (known ? silence : shortSilence);
  }
}

function* membersOf(pools: Iterable<Pool>): Generator<readonly [Pool, Member]> {
  for (const pool of pools) for (const member of pool.roster) yield [pool, member];
}
