import { type Member, type WorkObserver, weightOf } from '../pool/member.ts';
import type { Exclusion, Selector } from './selector.ts';
import { Sticky } from './sticky.ts';

/** What one worker may have whatever its share: of few messages the shares are fractions. */
const least = 2;

interface Share {
  held: number;
  weight: number;
}

/**
 * `sticky` with a bound (design.md, Algorithms): a key goes elsewhere while its worker has more than the greater
 * of 2 and `bound` times its fair share, which is that of its weight in what all have; then it returns. When
 * there is nobody below the bound, keys stay where they are.
 */
export class BoundedSticky implements Selector, WorkObserver {
  readonly #sticky: Sticky;
  readonly #bound: () => number | undefined;
  readonly #shares = new Map<Member, Share>();
  #held = 0;
  #weight = 0;

  /**
   * @param remembered Most keys whose winner is remembered.
   * @param bound A factor of at least 1; `undefined` for none.
   */
  constructor(remembered: number, bound: () => number | undefined) {
    this.#bound = bound;
    this.#sticky = new Sticky(remembered, (member) => this.#isOver(member));
  }

  add(member: Member): void {
    if (this.#shares.has(member)) return;
    const share = { held: heldBy(member), weight: weightOf(member) };
    this.#shares.set(member, share);
    this.#held += share.held;
    this.#weight += share.weight;
    this.#sticky.add(member);
  }

  remove(member: Member): void {
    const share = this.#shares.get(member);
    if (share === undefined) return;
    this.#shares.delete(member);
    this.#held -= share.held;
    this.#weight -= share.weight;
    this.#sticky.remove(member);
  }

  update(member: Member): void {
    const share = this.#shares.get(member);
    if (share === undefined) return;
    this.#weight += weightOf(member) - share.weight;
    share.weight = weightOf(member);
    this.#sticky.update(member);
  }

  workChanged(member: Member): void {
    const share = this.#shares.get(member);
    if (share === undefined) return;
    const held = heldBy(member);
    this.#held += held - share.held;
    share.held = held;
  }

  pause(member: Member): void {
    this.#sticky.pause(member);
  }

  resume(member: Member): void {
    this.#sticky.resume(member);
  }

  pick(now: number, exclude?: Exclusion, key?: number): Member | undefined {
    return this.#sticky.pick(now, exclude, key);
  }

  peek(now: number, exclude?: Exclusion, key?: number): Member | undefined {
    return this.#sticky.peek(now, exclude, key);
  }

  #isOver(member: Member): boolean {
    const bound = this.#bound();
    const share = this.#shares.get(member);
    if (bound === undefined || share === undefined) return false;
    return share.held > Math.max(least, (bound * this.#held * share.weight) / this.#weight);
  }
}

function heldBy(member: Member): number {
  return member.duty?.held ?? 0;
}
