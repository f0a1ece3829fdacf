import type { Member } from '../member.ts';
import type { Pool } from '../pool.ts';

/** Members looked at, and asked, in one tick. */
const looksPerTick = 50;
const perTick = 10;
/** How long restored members may take to announce themselves before they are asked, in milliseconds. */
const patience = 2_000;
/** When a client is asked again that has not said what it can do, in milliseconds. */
const askAgain = 600_000;

/**
 * Finds members of durable pools of whose clients nothing is known: those that announce no capabilities, and
 * those that a restart has brought back. What they can do decides whether they can acknowledge.
 */
export class Census {
  readonly #pools: () => Iterable<Pool>;
  readonly #ask: (pool: Pool, member: Member, now: number) => void;
  #walk: Iterator<readonly [Pool, Member]> | undefined;
  #attachedAt: number | undefined;

  /**
   * @param pools All pools of the service, each time anew.
   * @param ask Asks a client what it can do.
   */
  constructor(pools: () => Iterable<Pool>, ask: (pool: Pool, member: Member, now: number) => void) {
    this.#pools = pools;
    this.#ask = ask;
  }

  linkUp(now: number): void {
    this.#attachedAt = now;
    this.#walk = undefined;
  }

  linkDown(): void {
    this.#attachedAt = undefined;
  }

  /** Looks at some of the members. */
  tick(now: number): void {
    if (this.#attachedAt === undefined) return;
    this.#walk ??= membersOf(this.#pools());
    let asked = 0;
    for (let looks = 0; looks < looksPerTick && asked < perTick; looks += 1) {
      const next = this.#walk.next();
      if (next.done === true) {
        this.#walk = undefined;
        return;
      }
      const [pool, member] = next.value;
      if (member.duty === undefined || !this.#isDue(member, member.duty.askedAt, this.#attachedAt, now)) continue;
      member.duty.askedAt = now;
      this.#ask(pool, member, now);
      asked += 1;
    }
  }

  #isDue(member: Member, askedAt: number, attachedAt: number, now: number): boolean {
    if (member.features !== undefined || member.capsVersion !== undefined || member.state !== 'verified') return false;
    if (!member.announced && now - attachedAt < patience) return false;
    return askedAt < attachedAt || now - askedAt >= askAgain;
  }
}

function* membersOf(pools: Iterable<Pool>): Generator<readonly [Pool, Member]> {
  for (const pool of pools) {
    if (pool.takers === undefined) continue;
    for (const member of pool.roster) yield [pool, member];
  }
}
