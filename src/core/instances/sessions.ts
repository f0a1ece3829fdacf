import { bareOf } from '../address/jid.ts';
import type { MemoryBudget } from '../memory/memory.ts';
import type { Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';

/** What a session costs beside its three addresses, in bytes. */
const overhead = 320;
/** The part of the budget that sessions may take: messages that wait take theirs from it too. */
const share = 1 / 2;
/** The part of the budget that the sessions of one account may take. */
const accountShare = 1 / 8;

/** That a client uses one instance of a service, and wants to know when it goes (DIX, D6). */
export interface Session {
  readonly pool: Pool;
  readonly member: Member;
  /** Full JID of the client. */
  readonly client: string;
  /** The worker as the client knows it, `pool/~label`. */
  readonly instance: string;
  /** The client as the worker knows it. */
  readonly proxy: string;
  /** Whether the worker was told that the client is there. */
  told: boolean;
  /** Whether the client has shown its presence, so that its server will say when it goes. */
  confirmed: boolean;
  /** Epoch milliseconds of the last sign that the client uses it. */
  seenAt: number;
}

/** The sessions of one instance, and the state that its clients have been shown. */
export interface Following {
  readonly pool: Pool;
  readonly member: Member;
  readonly sessions: Map<string, Session>;
  /** The label by which its clients know it. */
  readonly label: string;
  /** Priority and show, as last shown to all; `''` when they must be shown again. */
  picture: string;
  /** When the last round of showing began, in epoch milliseconds. */
  shownAt: number;
  /** Those who are still to be shown `picture`. */
  rest: Iterator<Session> | undefined;
}

/** Who uses which instance: bounded by a memory budget, in the order of their last signs. */
export class Sessions {
  readonly #budget: MemoryBudget;
  readonly #members = new Map<Member, Following>();
  /** Bytes by account of clients. */
  readonly #accounts = new Map<string, number>();
  #used = 0;
  /** Those that the client has not confirmed, the one that was silent for longest first. */
  readonly #tentative = new Set<Session>();
  /** Those that it has, in the same order. */
  readonly #confirmed = new Set<Session>();

  /** @param budget What sessions take their memory from; shared with others. */
  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  get size(): number {
    return this.#tentative.size + this.#confirmed.size;
  }

  /** The instances that somebody uses. */
  get followed(): readonly Following[] {
    return [...this.#members.values()];
  }

  /** The sessions that are confirmed, or that are not: the one that was silent for longest first. */
  bySilence(confirmed: boolean): IterableIterator<Session> {
    return (confirmed ? this.#confirmed : this.#tentative).values();
  }

  find(member: Member, client: string): Session | undefined {
    return this.#members.get(member)?.sessions.get(client);
  }

  /** Begins a session, or returns the one there is; `undefined` when there is no room. */
  open(pool: Pool, member: Member, client: string, instance: string, proxy: string, now: number): Session | undefined {
    const known = this.find(member, client);
    if (known !== undefined) {
      this.touch(known, now);
      return known;
    }
    const session: Session = { pool, member, client, instance, proxy, told: false, confirmed: false, seenAt: now };
    if (!this.#take(session)) return undefined;
    this.#following(pool, member).sessions.set(client, session);
    this.#tentative.add(session);
    return session;
  }

  /** Notes a sign that the client uses its session, and whether it confirms it. */
  touch(session: Session, now: number, confirmed = session.confirmed): void {
    this.#lineOf(session).delete(session);
    session.seenAt = now;
    session.confirmed = confirmed;
    this.#lineOf(session).add(session);
  }

  end(session: Session): void {
    if (!this.#lineOf(session).delete(session)) return;
    this.#give(session);
    const following = this.#members.get(session.member);
    following?.sessions.delete(session.client);
    if (following?.sessions.size === 0) this.#members.delete(session.member);
  }

  /** Strangers may have as many resources as they like: they fill neither the budget nor all of our share. */
  #take(session: Session): boolean {
    const account = bareOf(session.client);
    const used = this.#used + costOf(session);
    const ofAccount = (this.#accounts.get(account) ?? 0) + costOf(session);
    const { limit } = this.#budget;
    if (used > limit * share || ofAccount > limit * accountShare || !this.#budget.take(costOf(session))) return false;
    this.#used = used;
    this.#accounts.set(account, ofAccount);
    return true;
  }

  #give(session: Session): void {
    const account = bareOf(session.client);
    const left = (this.#accounts.get(account) ?? 0) - costOf(session);
    this.#budget.give(costOf(session));
    this.#used -= costOf(session);
    if (left > 0) this.#accounts.set(account, left);
    else this.#accounts.delete(account);
  }

  #lineOf(session: Session): Set<Session> {
    return session.confirmed ? this.#confirmed : this.#tentative;
  }

  #following(pool: Pool, member: Member): Following {
    let following = this.#members.get(member);
    if (following === undefined) {
      const { label } = member;
      following = { pool, member, sessions: new Map(), label, picture: pictureOf(member), shownAt: 0, rest: undefined };
      this.#members.set(member, following);
    }
    return following;
  }
}

/** What a client is shown of an instance's state, as one value to compare. */
export function pictureOf({ priority, show }: Member): string {
  return `${priority} ${show}`;
}

function costOf({ client, instance, proxy }: Session): number {
  return overhead + client.length + instance.length + proxy.length;
}
