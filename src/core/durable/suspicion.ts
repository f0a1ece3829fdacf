import type { Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';

/** How long a suspect that still works counts as one: it has been asked, and has had time to answer. Milliseconds. */
const doubt = 10_000;
/** The least time between two looks at who is a suspect still, in milliseconds. */
const reviewEvery = 1_000;

interface Suspects {
  /** Since when, in epoch milliseconds. */
  readonly since: Map<Member, number>;
  reviewedAt: number;
}

/**
 * The panic rule: of the workers of a pool no more than half are suspects, or suspended, for missed
 * deadlines alone. When more than that are late, the cause is not the workers: an outage, messages that nobody
 * can do, a deadline that is too short. Work goes on with all of them.
 */
export class Suspicion {
  readonly #pools = new Map<Pool, Suspects>();

  /** Notes a suspect; false, and nothing noted, if that were one too many. */
  begin(pool: Pool, member: Member, now: number): boolean {
    let suspects = this.#pools.get(pool);
    if (suspects === undefined) {
      suspects = { since: new Map(), reviewedAt: now };
      this.#pools.set(pool, suspects);
    }
    const { since } = suspects;
    const most = Math.floor(pool.roster.size / 2);
    if (!since.has(member) && since.size >= most && now - suspects.reviewedAt >= reviewEvery) {
      suspects.reviewedAt = now;
      for (const [suspect, at] of since) {
        if (suspect.state === 'verified' && now - at >= doubt) since.delete(suspect);
      }
    }
    const allowed = since.has(member) || since.size < most;
    if (allowed) since.set(member, now);
    else if (since.size === 0) this.#pools.delete(pool);
    return allowed;
  }

  /** It was heard, or it has left. */
  end(pool: Pool, member: Member): void {
    const since = this.#pools.get(pool)?.since;
    if (since?.delete(member) === true && since.size === 0) this.#pools.delete(pool);
  }

  /** All are asked anew. */
  clear(): void {
    this.#pools.clear();
  }

  /** Whether a member was asked of late, and may still answer. */
  isAsked(pool: Pool, member: Member, now: number): boolean {
    const since = this.#pools.get(pool)?.since.get(member);
    return since !== undefined && now - since < doubt;
  }

  /** Suspects of a pool, and those that are suspended for missed deadlines. */
  countOf(pool: Pool): number {
    return this.#pools.get(pool)?.since.size ?? 0;
  }
}
