import { bareOf } from '../address/jid.ts';
import type { IqRequestEnvelope, IqResponseEnvelope } from '../envelope.ts';
import { ownCopy } from '../memory/own-copy.ts';
import type { Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';

/** What an open request costs beside its texts, in bytes: the records, the heads of strings, places in tables. */
const overhead = 600;
/** What is remembered of an ended one, in bytes: two ids, a record, a place in a table. */
const endedCost = 250;
/** The part of the memory that is for ended ones. */
const endedShare = 1 / 8;
/** The part of the memory that the requests of one account may take. */
const accountShare = 1 / 4;

/** A request that a worker has, until it is answered. */
export interface Pending {
  readonly pool: Pool;
  /** As it came; of a set without its payload, which is sent once only. */
  readonly request: IqRequestEnvelope;
  /** Asked of this worker and of no other: it was sent to its label. */
  readonly fixed: boolean;
  /** When who asked is told that there is no answer, in epoch milliseconds. */
  readonly deadline: number;
  /** Workers that had it before, and are gone. */
  readonly failed: readonly Member[];
}

/** A request that is open, under the id that its worker knows. */
export interface Open extends Pending {
  readonly id: string;
  readonly member: Member;
  /** Epoch milliseconds. */
  readonly askedAt: number;
}

/** Whose an answer is. `late`: the request was given up, or to another worker. `duplicate`: it is answered. */
export type Match = Open | 'late' | 'duplicate' | 'forged' | undefined;

interface Ended {
  readonly worker: string;
  readonly how: 'late' | 'duplicate';
}

/**
 * The requests that workers have not answered yet, by the worker and an id that nobody can guess:
 * nothing else decides whose an answer is, so that no other answer can reach who asked. Bounded; what
 * has ended is remembered for a while, so that operators can tell late answers from forged ones.
 */
export class PendingRequests {
  readonly #open = new Map<string, Open>();
  readonly #ended = new Map<string, Ended>();
  readonly #accounts = new Map<string, number>();
  #bound: number;
  #used = 0;

  /** @param bound Bytes for all of them. */
  constructor(bound: number) {
    this.#bound = bound;
  }

  /** Sets another bound, in bytes; what is open beyond a lower one stays. */
  resize(bound: number): void {
    this.#bound = bound;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Bytes that the open ones take. */
  get used(): number {
    return this.#used;
  }

  /** All that are open, oldest first. */
  [Symbol.iterator](): IterableIterator<Open> {
    return this.#open.values();
  }

  /** Whether there is room for one more request, and for one more of its account. */
  hasRoom(request: IqRequestEnvelope): boolean {
    const cost = costOf(request);
    const account = (this.#accounts.get(bareOf(request.from)) ?? 0) + cost;
    const most = this.#bound * (1 - endedShare);
    return this.#used + cost <= most && account <= this.#bound * accountShare;
  }

  /** Notes that `member` has a request under `id`. `hasRoom` was asked. */
  add(pending: Pending, member: Member, id: string, now: number): void {
    const request = kept(pending.request);
    const cost = costOf(request);
    const account = bareOf(request.from);
    this.#used += cost;
    this.#accounts.set(account, (this.#accounts.get(account) ?? 0) + cost);
    pending.pool.openRequests += 1;
    this.#open.set(id, { ...pending, request, member, id, askedAt: now });
  }

  /** Whose answer this is. An error may come from the account: its server speaks for a client that is gone. */
  match({ id, from, error }: IqResponseEnvelope): Match {
    if (id === undefined) return undefined;
    const open = this.#open.get(id);
    if (open !== undefined) {
      const { jid, bare } = open.member;
      return from === jid || (error !== undefined && from === bare) ? open : 'forged';
    }
    const ended = this.#ended.get(id);
    if (ended === undefined) return undefined;
    return from === ended.worker || from === bareOf(ended.worker) ? ended.how : 'forged';
  }

  /** Takes a request out. @param how What an answer that comes all the same will be. */
  end({ id, pool, member, request }: Open, how: Ended['how']): void {
    if (!this.#open.delete(id)) return;
    const cost = costOf(request);
    const account = bareOf(request.from);
    const left = (this.#accounts.get(account) ?? 0) - cost;
    this.#used -= cost;
    if (left > 0) this.#accounts.set(account, left);
    else this.#accounts.delete(account);
    pool.openRequests -= 1;
    this.#ended.set(id, { worker: member.jid, how });
    const most = Math.max(1, Math.floor((this.#bound * endedShare) / endedCost));
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= most) break;
      this.#ended.delete(oldest);
    }
  }
}

/** What has to be held: texts of its own, without what is nobody's any more. */
function kept(request: IqRequestEnvelope): IqRequestEnvelope {
  const { type, from, to, id, payload, lang, attributes } = request;
  return {
    kind: 'iq-request',
    type,
    from: ownCopy(from),
    to: ownCopy(to),
    id: id === undefined ? undefined : ownCopy(id),
    // Whatever it was, it has been read.
    request: { name: 'unknown', namespace: '' },
    payload: type === 'get' ? ownCopy(payload) : '',
    lang: lang === undefined ? undefined : ownCopy(lang),
    attributes: attributes === undefined ? undefined : ownCopy(attributes),
  };
}

/** UTF-16 text may hold two bytes a unit. A set that is held costs less than it did when it came, and never more. */
function costOf({ type, from, to, id, payload, lang, attributes }: IqRequestEnvelope): number {
  const texts = from.length + to.length + (id?.length ?? 0) + (lang?.length ?? 0) + (attributes?.length ?? 0);
  return overhead + 2 * (texts + (type === 'get' ? payload.length : 0));
}
