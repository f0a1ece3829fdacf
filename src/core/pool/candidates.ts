import { JoinOrder } from '../select/join-order.ts';
import type { Exclusion, PickAll, Selector } from '../select/selector.ts';
import { createSelector } from '../select/table.ts';
import type { AlgorithmName } from '../settings.ts';
import { eligible, type Member, type WorkObserver } from './member.ts';

const fewKeys = 1_024;

/** The eligible members of one rank, and the selectors that pick among them. A member knows the tier it is in. */
class Tier implements WorkObserver {
  readonly #members = new JoinOrder();
  readonly #selectors = new Map<AlgorithmName, Selector>();
  /** Those of the selectors that go by what members have in flight. */
  readonly #followers: WorkObserver[] = [];
  readonly #keysRemembered: number | undefined;
  #everyone: (Selector & PickAll) | undefined;

  constructor(keysRemembered: number | undefined) {
    this.#keysRemembered = keysRemembered;
  }

  get size(): number {
    return this.#members.members.length;
  }

  add(member: Member): void {
    member.observer = this;
    this.#members.add(member);
    for (const selector of this.#selectors.values()) selector.add(member);
  }

  remove(member: Member): void {
    member.observer = undefined;
    this.#members.remove(member);
    for (const selector of this.#selectors.values()) selector.remove(member);
  }

  update(member: Member): void {
    for (const selector of this.#selectors.values()) selector.update(member);
  }

  workChanged(member: Member, now: number): void {
    for (const follower of this.#followers) follower.workChanged(member, now);
  }

  /** A selector lives as long as the tier, so that changing the algorithm and back keeps its place. */
  selector(algorithm: AlgorithmName): Selector {
    let selector = this.#selectors.get(algorithm);
    if (selector === undefined) {
      selector = this.#fill(createSelector(algorithm, this.#keysRemembered));
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
    if (followsWork(selector)) this.#followers.push(selector);
    return selector;
  }
}

function followsWork(selector: Selector): selector is Selector & WorkObserver {
  return selector.workChanged !== undefined;
}

/**
 * Which members can take work now. Verified members come first; unverified ones are used only
 * while no verified one is eligible (design.md, Membership).
 */
export class Candidates {
  readonly #verified: Tier;
  readonly #unverified: Tier;

  /** @param keysRemembered Most keys whose worker the algorithm `sticky` remembers, at least 16. */
  constructor(keysRemembered?: number) {
    this.#verified = new Tier(keysRemembered);
    // A last resort, for minutes: it may work keys out again.
    this.#unverified = new Tier(fewKeys);
  }

  get verified(): number {
    return this.#verified.size;
  }

  get size(): number {
    return this.#verified.size + this.#unverified.size;
  }

  /** To be called after every change of a member, and once when it joins. */
  refresh(member: Member): void {
    const before = this.#tierIn(member);
    const after = this.#tierOf(member);
    if (before === after) {
      after?.update(member);
      return;
    }
    before?.remove(member);
    after?.add(member);
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
    return (
      this.#verified.selector(algorithm).pick(now, exclude, key) ??
      (this.#unverified.size === 0 ? undefined : this.#unverified.selector(algorithm).pick(now, exclude, key))
    );
  }

  /** Every worker that `urn:xmpp:cmr:all` gives the next message to. */
  pickAll(now: number): readonly Member[] {
    const tier = this.#verified.size > 0 ? this.#verified : this.#unverified;
    return tier.size === 0 ? [] : tier.everyone().pickAll(now);
  }

  #tierIn(member: Member): Tier | undefined {
    if (member.observer === this.#verified) return this.#verified;
    return member.observer === this.#unverified ? this.#unverified : undefined;
  }

  /** Where a member belongs. */
  #tierOf(member: Member): Tier | undefined {
    if (!eligible(member)) return undefined;
    return member.state === 'verified' ? this.#verified : this.#unverified;
  }
}
