import type { Member } from '../pool/member.ts';
import { JoinOrder } from './join-order.ts';
import type { Exclusion, PickAll, Selector } from './selector.ts';

/** `urn:xmpp:cmr:all`: every member that shares the highest priority. */
export class All implements Selector, PickAll {
  readonly #order = new JoinOrder();
  /** The members of the highest priority; `undefined` after a change. */
  #highest: readonly Member[] | undefined;

  add(member: Member): void {
    this.#order.add(member);
    this.#highest = undefined;
  }

  remove(member: Member): void {
    this.#order.remove(member);
    this.#highest = undefined;
  }

  update(): void {
    this.#highest = undefined;
  }

  pause(member: Member): void {
    this.remove(member);
  }

  resume(member: Member): void {
    this.add(member);
  }

  pickAll(): readonly Member[] {
    if (this.#highest === undefined) {
      const { members } = this.#order;
      const priority = members.reduce((most, member) => Math.max(most, member.priority), Number.NEGATIVE_INFINITY);
      this.#highest = members.filter((member) => member.priority === priority);
    }
    return this.#highest;
  }

  /** The first of `pickAll` that is not excluded. */
  pick(_now: number, exclude?: Exclusion): Member | undefined {
    return this.pickAll().find((member) => !exclude?.(member));
  }

  /** A pick leaves no trace. */
  peek(now: number, exclude?: Exclusion): Member | undefined {
    return this.pick(now, exclude);
  }
}
