import type { Member } from '../member.ts';
import type { Pool } from '../pool.ts';

/** Members that did not answer: each is kept for a while, in case it is heard again. */
export class Doubts {
  readonly #lost: (pool: Pool, member: Member) => void;
  /** Until when each is kept; oldest first. */
  readonly #until = new Map<Member, { readonly pool: Pool; readonly until: number }>();
  #grace: number;

  /**
   * @param grace How long a member is kept, in milliseconds.
   * @param lost Told of each whose time is over.
   */
  constructor(grace: number, lost: (pool: Pool, member: Member) => void) {
    this.#grace = grace;
    this.#lost = lost;
  }

  /** Sets how long a member is kept from now on, in milliseconds. */
  setGrace(grace: number): void {
    this.#grace = grace;
  }

  /** A member did not answer; its time begins, again if it had begun before. */
  begin(pool: Pool, member: Member, now: number): void {
    this.#until.delete(member);
    this.#until.set(member, { pool, until: now + this.#grace });
  }

  /** There is no doubt any more: it was heard, or it has left. */
  end(member: Member): void {
    this.#until.delete(member);
  }

  /** All are asked anew. */
  clear(): void {
    this.#until.clear();
  }

  tick(now: number): void {
    for (const [member, { pool, until }] of this.#until) {
      if (until > now) break;
      this.#until.delete(member);
      // Of a member that is cut off nothing can be known, so it is not lost.
      if (member.state !== 'cut-off') this.#lost(pool, member);
    }
  }
}
