import { type Member, weightOf } from '../pool/member.ts';
import { Entries } from './entries.ts';
import { hashText, mix } from './hash.ts';
import { KeyCache } from './key-cache.ts';
import type { Exclusion, Selector } from './selector.ts';

interface Entry {
  readonly member: Member;
  readonly hash: number;
  readonly weight: number;
  /** Grows with every entry; no two have the same. */
  readonly since: number;
  gone: boolean;
  resting: boolean;
}

const nobody = (): boolean => false;

/** Members that are looked at for a key whose winner rests. */
const draws = 16;

/** An entry and what it scores for a key. */
interface Best {
  entry: Entry | undefined;
  /** Between 0 and 1. */
  luck: number;
  score: number;
}

/**
 * `urn:x-switchyard:algorithm:sticky`: weighted rendezvous hashing. Each member scores
 * -weight / ln(u) for a key, where u is a hash of both, and the highest score wins; so a key moves
 * only when its member leaves or a newcomer wins it, and members win in proportion to their weights.
 * Who won a key is remembered: a pick takes constant time after the first, but for newcomers
 * since, each of which is compared once. The first pick of a key is linear in the members.
 *
 * While the winner of a key rests, or has too much, the key goes to the one that scores most of a few that the key
 * draws; when those have no room either, of all. Who rests keeps what it won.
 */
export class Sticky implements Selector {
  readonly #entries = new Entries<Entry>();
  /** By `since`, the newest last. */
  readonly #byAge: Entry[] = [];
  /** Who wins a key, and `since` of the newest entry that was compared. */
  readonly #winners: KeyCache<Entry>;
  readonly #isOver: (member: Member) => boolean;
  /** Those that do not rest; `undefined` until the first does. */
  #awake: Entries<Entry> | undefined;
  #newest = 0;

  /**
   * @param remembered Most keys whose winner is remembered.
   * @param isOver Whether a member has so much that what it won goes to others for now, if there are any.
   */
  constructor(remembered: number, isOver: (member: Member) => boolean = nobody) {
    this.#winners = new KeyCache(remembered);
    this.#isOver = isOver;
  }

  add(member: Member): void {
    if (this.#entries.get(member) !== undefined) return;
    this.#newest += 1;
    const hash = hashText(member.jid);
    const entry: Entry = { member, hash, weight: weightOf(member), since: this.#newest, gone: false, resting: false };
    this.#entries.add(entry);
    this.#byAge.push(entry);
    this.#awake?.add(entry);
  }

  remove(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry === undefined) return;
    entry.gone = true;
    this.#entries.delete(member);
    this.#awake?.delete(member);
    this.#byAge.splice(this.#indexOf(entry), 1);
  }

  /** A weight that changes is a leave and a join: only keys that this member wins or loses move. */
  update(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry === undefined || entry.weight === weightOf(member)) return;
    this.remove(member);
    this.add(member);
    if (entry.resting) this.pause(member);
  }

  pause(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry === undefined || entry.resting) return;
    entry.resting = true;
    if (this.#awake === undefined) this.#awake = this.#allAwake();
    else this.#awake.delete(member);
  }

  resume(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry?.resting !== true) return;
    entry.resting = false;
    this.#awake?.add(entry);
  }

  /** @param key Hash of what the messages that belong together have in common; see `hashText`. */
  pick(_now: number, exclude?: Exclusion, key = 0): Member | undefined {
    const winner = this.#winner(key);
    if (winner === undefined) return undefined;
    if (winner.resting || this.#isOver(winner.member)) return this.#standIn(winner, key, exclude)?.member;
    if (exclude?.(winner.member) !== true) return winner.member;
    return this.#best(key, 0, undefined, exclude)?.member;
  }

  /** A pick leaves no trace but what is remembered, which could be worked out again. */
  peek(now: number, exclude?: Exclusion, key?: number): Member | undefined {
    return this.pick(now, exclude, key);
  }

  /** Who takes a key whose winner rests, or has too much. */
  #standIn(winner: Entry, key: number, exclude: Exclusion | undefined): Entry | undefined {
    const isOut: Exclusion = (member) => exclude?.(member) === true || this.#isOver(member);
    // When nearly all rest there are few to look at.
    const best = this.#bestDrawn(key, isOut) ?? this.#bestAwake(key, isOut);
    if (best !== undefined) return best;
    // Nobody has less.
    return winner.resting || exclude?.(winner.member) === true ? this.#bestAwake(key, exclude) : winner;
  }

  #bestDrawn(key: number, isOut: Exclusion): Entry | undefined {
    if (this.#awake !== undefined && this.#awake.size <= draws) return undefined;
    const drawn: Best = { entry: undefined, luck: 0, score: 0 };
    for (let number = 1; number <= draws; number += 1) {
      const entry = this.#byAge[Math.floor(mix(key, number) * this.#byAge.length)];
      if (entry !== undefined && !entry.resting && !isOut(entry.member)) compare(drawn, entry, key);
    }
    return drawn.entry;
  }

  #bestAwake(key: number, exclude: Exclusion | undefined): Entry | undefined {
    const best: Best = { entry: undefined, luck: 0, score: 0 };
    for (const entry of this.#awake ?? this.#entries) if (exclude?.(entry.member) !== true) compare(best, entry, key);
    return best.entry;
  }

  #allAwake(): Entries<Entry> {
    const awake = new Entries<Entry>();
    for (const entry of this.#entries) if (!entry.resting) awake.add(entry);
    return awake;
  }

  #winner(key: number): Entry | undefined {
    const known = this.#winners.get(key);
    const holder = known?.gone === true ? undefined : known;
    const upTo = holder === undefined ? 0 : this.#winners.stampOf(key);
    if (holder !== undefined && upTo === this.#newest) return holder;
    const winner = this.#best(key, upTo, holder);
    if (winner !== undefined) this.#winners.set(key, winner, this.#newest);
    return winner;
  }

  /** The highest score for `key` among `holder` and the entries that came after `after`. */
  #best(key: number, after: number, holder: Entry | undefined, exclude?: Exclusion): Entry | undefined {
    const best: Best = { entry: undefined, luck: 0, score: 0 };
    if (holder !== undefined) compare(best, holder, key);
    for (let index = this.#byAge.length - 1; index >= 0; index -= 1) {
      const entry = this.#byAge[index];
      if (entry === undefined || entry.since <= after) break;
      if (!(exclude !== undefined && (entry.resting || exclude(entry.member)))) compare(best, entry, key);
    }
    return best.entry;
  }

  #indexOf(entry: Entry): number {
    let low = 0;
    let high = this.#byAge.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#byAge[middle]?.since ?? entry.since) < entry.since) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Puts `entry` into `best` if it scores more. */
function compare(best: Best, entry: Entry, key: number): void {
  const luck = mix(key, entry.hash);
  // Neither luckier nor heavier than the best so far: no need of a logarithm.
  if (best.entry !== undefined && luck < best.luck && entry.weight <= best.entry.weight) return;
  const score = -entry.weight / Math.log(luck);
  if (best.entry !== undefined && !goesBefore(score, entry, best.score, best.entry)) return;
  best.entry = entry;
  best.luck = luck;
  best.score = score;
}

/** Two that score alike, if ever, are told apart by their addresses, which outlive the process. */
function goesBefore(score: number, entry: Entry, otherScore: number, other: Entry): boolean {
  return score > otherScore || (score === otherScore && entry.member.jid < other.member.jid);
}
