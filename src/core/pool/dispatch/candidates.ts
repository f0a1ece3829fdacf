import { type AckPolicy, levelOf } from '../../durable/levels.ts';
import { JoinOrder } from '../../select/join-order.ts';
import type { Exclusion, PickAll, Selector } from '../../select/selector.ts';
import { createSelector, type StickyBound } from '../../select/table.ts';
import type { AlgorithmName } from '../../settings.ts';
import { eligible, type Member, type WorkObserver } from '../member.ts';

const fewKeys = 1_024;

/** What a choice is about: who may be chosen, and where each member notes its place in it. */
interface Choice {
  eligible(member: Member): boolean;
  /** Matters to `sticky` only. */
  readonly stickyBound?: StickyBound;
  /** Whether an eligible member gets nothing just now; it keeps its place. */
  rests(member: Member): boolean;
  seatOf(member: Member): WorkObserver | undefined;
  seat(member: Member, seat: WorkObserver | undefined): void;
}

/** Who gets messages that nobody acknowledges: whoever is eligible, however busy. */
const forPlain: Choice = {
  eligible,
  rests: () => false,
  seatOf: (member) => member.observer,
  seat: (member, seat) => {
    member.observer = seat;
  },
};

/**
 * Who gets messages that have to be acknowledged: whoever is eligible and can, and rests while it has as many as it may hold.
 * @param policy What the pool wants to be acknowledged by.
 */
export function forDurable(policy: () => AckPolicy, stickyBound: StickyBound): Choice {
  return {
    stickyBound,
    eligible: (member) => eligible(member) && levelOf(member, policy()) !== undefined,
    rests: (member) => member.duty?.full === true,
    seatOf: (member) => member.taker,
    seat: (member, seat) => {
      member.taker = seat;
    },
  };
}

/** The eligible members of one rank, and the selectors that pick among them. A member knows the tier it is in. */
class Tier implements WorkObserver {
  readonly #members = new JoinOrder();
  readonly #selectors = new Map<AlgorithmName, Selector>();
  /** Those of the selectors that go by what members have in flight. */
  readonly #followers: WorkObserver[] = [];
  readonly #keysRemembered: number | undefined;
  readonly #choice: Choice;
  #everyone: (Selector & PickAll) | undefined;
  /** Those that get nothing just now; `undefined` until there is one. */
  #resting: Set<Member> | undefined;

  constructor(keysRemembered: number | undefined, choice: Choice) {
    this.#keysRemembered = keysRemembered;
    this.#choice = choice;
  }

  get size(): number {
    return this.#members.members.length;
  }

  /** Members that rest. */
  get resting(): number {
    return this.#resting?.size ?? 0;
  }

  add(member: Member): void {
    this.#choice.seat(member, this);
    this.#members.add(member);
    for (const selector of this.#selectors.values()) selector.add(member);
  }

  remove(member: Member): void {
    this.#choice.seat(member, undefined);
    this.#members.remove(member);
    this.#resting?.delete(member);
    for (const selector of this.#selectors.values()) selector.remove(member);
  }

  update(member: Member): void {
    for (const selector of this.#selectors.values()) selector.update(member);
  }

  /** Lets a member rest, or take part again. */
  rest(member: Member, rests: boolean): void {
    if ((this.#resting?.has(member) ?? false) === rests) return;
    this.#resting ??= new Set();
    if (rests) this.#resting.add(member);
    else this.#resting.delete(member);
    for (const selector of this.#selectors.values()) {
      if (rests) selector.pause(member);
      else selector.resume(member);
    }
  }

  workChanged(member: Member, now: number): void {
    for (const follower of this.#followers) follower.workChanged(member, now);
  }

  some(test: (member: Member) => boolean): boolean {
    return this.#members.members.some(test);
  }

  /** A selector lives as long as the tier, so that changing the algorithm and back keeps its place. */
  selector(algorithm: AlgorithmName): Selector {
    let selector = this.#selectors.get(algorithm);
    if (selector === undefined) {
      selector = this.#fill(createSelector(algorithm, this.#keysRemembered, this.#choice.stickyBound));
      this.#selectors.set(algorithm, selector);
    }
    return selector;
  }

  /** The selector of `all`, the one algorithm that gives a message to several. */
  everyone(): PickAll {
    if (this.#everyone === undefined) {
      this.#everyone = this.#fill(createSelector('all'));
      this.#selectors.set('all', this.#everyone);
    }
    return this.#everyone;
  }

  #fill<S extends Selector>(selector: S): S {
    for (const member of this.#members.members) selector.add(member);
    for (const member of this.#resting ?? []) selector.pause(member);
    if (followsWork(selector)) this.#followers.push(selector);
    return selector;
  }
}

function followsWork(selector: Selector): selector is Selector & WorkObserver {
  return selector.workChanged !== undefined;
}

/**
 * Which members can take work now. Verified members come first; unverified ones are used only
 * while no verified one is eligible (design.md, Membership), be it that all of those rest: they will be back.
 */
export class Candidates {
  readonly #verified: Tier;
  readonly #unverified: Tier;
  readonly #choice: Choice;

  /**
   * @param keysRemembered Most keys whose worker the algorithm `sticky` remembers, at least 16.
   * @param choice What it is about, if not plain messages.
   */
  constructor(keysRemembered?: number, choice: Choice = forPlain) {
    this.#choice = choice;
    this.#verified = new Tier(keysRemembered, choice);
    // A last resort, for minutes: it may work keys out again.
    this.#unverified = new Tier(fewKeys, choice);
  }

  get verified(): number {
    return this.#verified.size;
  }

  /** All that are eligible, also those that rest. */
  get size(): number {
    return this.#verified.size + this.#unverified.size;
  }

  /** Those that could get the next message: `pick` finds nobody when it is 0. */
  get free(): number {
    const tier = this.#verified.size > 0 ? this.#verified : this.#unverified;
    return tier.size - tier.resting;
  }

  /** Whether `member` could get the next message. */
  mayTake(member: Member): boolean {
    return this.#tierIn(member) !== undefined && !this.#choice.rests(member);
  }

  /** Whether `test` holds for any that is eligible, also of those that rest. */
  some(test: (member: Member) => boolean): boolean {
    return this.#verified.some(test) || this.#unverified.some(test);
  }

  /** To be called after every change of a member, and once when it joins. */
  refresh(member: Member): void {
    const before = this.#tierIn(member);
    const after = this.#tierOf(member);
    if (before === after) {
      after?.update(member);
    } else {
      before?.remove(member);
      after?.add(member);
    }
    after?.rest(member, this.#choice.rests(member));
  }

  /** To be called when nothing has changed but what a member holds. */
  reviewRest(member: Member): void {
    this.#tierIn(member)?.rest(member, this.#choice.rests(member));
  }

  /** Takes a member that has left out of every choice. */
  drop(member: Member): void {
    this.#tierIn(member)?.remove(member);
  }

  /**
   * The one worker that `algorithm` gives the next message to.
   * @param exclude Who must not get it.
   * @param key What `sticky` goes by; see `stickyKeyOf`.
   */
  pick(algorithm: AlgorithmName, now: number, exclude?: Exclusion, key?: number): Member | undefined {
    const picked = this.#verified.selector(algorithm).pick(now, exclude, key);
    if (picked !== undefined || this.#unverified.size === 0 || this.#verified.resting > 0) return picked;
    return this.#unverified.selector(algorithm).pick(now, exclude, key);
  }

  /** Whom `pick` would choose now. No later choice depends on whether somebody has looked. */
  peek(algorithm: AlgorithmName, now: number, exclude?: Exclusion, key?: number): Member | undefined {
    const first = this.#verified.selector(algorithm).peek(now, exclude, key);
    if (first !== undefined || this.#unverified.size === 0 || this.#verified.resting > 0) return first;
    return this.#unverified.selector(algorithm).peek(now, exclude, key);
  }

  /** Every worker that `urn:xmpp:cmr:all` gives the next message to. */
  pickAll(now: number): readonly Member[] {
    const tier = this.#verified.size > 0 ? this.#verified : this.#unverified;
    return tier.size === 0 ? [] : tier.everyone().pickAll(now);
  }

  #tierIn(member: Member): Tier | undefined {
    const seat = this.#choice.seatOf(member);
    if (seat === this.#verified) return this.#verified;
    return seat === this.#unverified ? this.#unverified : undefined;
  }

  /** Where a member belongs. */
  #tierOf(member: Member): Tier | undefined {
    if (!this.#choice.eligible(member)) return undefined;
    return member.state === 'verified' ? this.#verified : this.#unverified;
  }
}
