import type { Member } from '../pool/member.ts';

/** Members in the order in which they joined. */
export class JoinOrder {
  readonly #members: Member[] = [];

  get members(): readonly Member[] {
    return this.#members;
  }

  add(member: Member): void {
    const index = this.after(member.sequence - 1);
    if (this.#members[index] !== member) this.#members.splice(index, 0, member);
  }

  remove(member: Member): void {
    const index = this.after(member.sequence - 1);
    if (this.#members[index] === member) this.#members.splice(index, 1);
  }

  /** Index of the first member that joined after `sequence`; the number of members when none did. */
  after(sequence: number): number {
    let low = 0;
    let high = this.#members.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#members[middle]?.sequence ?? sequence) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
