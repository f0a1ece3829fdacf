import type { Member } from '../member.ts';

/** Workers remembered after they left; the one that left first is forgotten first. */
const bound = 1_000;

/** What was learnt of workers that have left, for when they come back: whether they answer pings. */
export class Departed {
  readonly #pings = new Map<string, boolean>();

  note(member: Member): void {
    if (member.pings === undefined) return;
    const key = keyOf(member.pool, member.jid);
    this.#pings.delete(key);
    this.#pings.set(key, member.pings);
    if (this.#pings.size <= bound) return;
    const oldest = this.#pings.keys().next();
    if (oldest.done !== true) this.#pings.delete(oldest.value);
  }

  /** What is remembered of `jid`, and forgets it; `undefined` when nothing is. */
  take(pool: string, jid: string): boolean | undefined {
    const key = keyOf(pool, jid);
    const pings = this.#pings.get(key);
    this.#pings.delete(key);
    return pings;
  }
}

function keyOf(pool: string, jid: string): string {
  return `${pool}\0${jid}`;
}
