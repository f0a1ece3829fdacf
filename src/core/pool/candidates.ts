import type { Exclusion, PickAll, Selector } from '../select/selector.ts';
import { createSelector } from '../select/table.ts';
import type { AlgorithmName } from '../settings.ts';
import { eligible, type Member } from './member.ts';

const fewKeys = 1_024;

/** The eligible members of one rank, and the selectors that pick among them. */
class Tier {
  readonly #members = new Set<Member>();
  readonly #selectors = new Map<AlgorithmName, Selector>();
  readonly #keysRemembered: number | undefined;
  #everyone: (Selector & PickAll) | undefined;

  constructor(keysRemembered: number | undefined) {
    this.#keysRemembered = keysRemembered;
  }

  get size(): number {
    return this.#members.size;
  }

  add(member: Member): void {
    this.#members.add(member);
    for (const selector of this.#selectors.values()) selector.add(member);
  }

  remove(member: Member): void {
    this.#members.delete(member);
    for (const selector of this.#selectors.values()) selector.remove(member);
  }

  update(member: Member): void {
    for (const selector of this.#selectors.values()) selector.update(member);
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
    for (const member of this.#members) selector.add(member);
    return selector;
  }
}

/**
 * Which members can take work now. Verified members come first; unverified ones are used only
 * while no verified one is eligible (design.md, Membership).
 */
export class Candidates {
  readonly #verified: Tier;
  readonly #unverified: Tier;
  readonly #placed = new Map<Member, Tier>();

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
    return this.#placed.size;
  }

  /** To be called after every change of a member, and once when it joins. */
  refresh(member: Member): void {
    const before = this.#placed.get(member);
    const after = this.#tierOf(member);
    if (before === after) {
      after?.update(member);
      return;
    }
    before?.remove(member);
    if (after === undefined) {
      this.#placed.delete(member);
    } else {
      after.add(member);
      this.#placed.set(member, after);
    }
  }

  /** Takes a member that has left out of every choice. */
  drop(member: Member): void {
    this.#placed.get(member)?.remove(member);
    this.#placed.delete(member);
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

  #tierOf(member: Member): Tier | undefined {
    if (!eligible(member)) return undefined;
    return member.state === 'verified' ? this.#verified : this.#unverified;
  }
}
