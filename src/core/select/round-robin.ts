import type { Member } from '../pool/member.ts';
import { JoinOrder } from './join-order.ts';
import type { Exclusion, Selector } from './selector.ts';

/**
 * `urn:xmpp:cmr:roundrobin`: every member in join order, whatever its priority. The cursor is the
 * place in join order of the one picked last, so it survives that member's leaving, and one that
 * comes back has its old turn. A pick takes logarithmic time.
 */
export class RoundRobin implements Selector {
  readonly #order = new JoinOrder();
  #last = Number.NEGATIVE_INFINITY;

  add(member: Member): void {
    this.#order.add(member);
  }

  remove(member: Member): void {
    this.#order.remove(member);
  }

  update(): void {}

  /** The cursor is a place in join order: one that is away has its old turn when it is back. */
  pause(member: Member): void {
    this.#order.remove(member);
  }

  resume(member: Member): void {
    this.#order.add(member);
  }

  pick(now: number, exclude?: Exclusion): Member | undefined {
    const member = this.peek(now, exclude);
    if (member !== undefined) this.#last = member.sequence;
    return member;
  }

  peek(_now: number, exclude?: Exclusion): Member | undefined {
    const { members } = this.#order;
    const start = this.#order.after(this.#last);
    for (let step = 0; step < members.length; step += 1) {
      const member = members[(start + step) % members.length];
      if (member !== undefined && exclude?.(member) !== true) return member;
    }
    return undefined;
  }
}
