import { type Member, weightOf } from '../pool/member.ts';
import { Entries } from './entries.ts';
import { Heap, type Placed } from './heap.ts';
import type { Exclusion, Selector } from './selector.ts';

interface Entry extends Placed {
  readonly member: Member;
  /** Credit less the `drift` of the group; of one that rests, credit less that of the mean for its weight. */
  base: number;
  group: Group;
}

/** Members of the same weight: they gain alike, so the order among them changes only with a pick. */
interface Group {
  readonly weight: number;
  readonly heap: Heap<Entry>;
  /** What each of the group has gained since the group began. */
  drift: number;
}

/**
 * `urn:xmpp:cmr:weighted`: smooth weighted round robin, as nginx has it: each turn everybody gains
 * its weight in credit, and the one with the most (the earliest to join among equals) is picked
 * and pays the sum of the weights. Weights 5, 1, 1 give a a b a c a a.
 *
 * When the sum of the weights changes, gains are scaled instead, so that a turn costs the same and
 * a member owed half a turn stays owed half a turn. A newcomer starts at the mean. An excluded
 * member that would have had its turn gains nothing by it. One that rests takes what it is owed, or owes,
 * with it: the others share the rest of it by their weights, and give it back when it resumes. A pick
 * is linear in the number of different weights and logarithmic in the number of members.
 */
export class Weighted implements Selector {
  readonly #entries = new Entries<Entry>();
  readonly #groups = new Map<number, Group>();
  /** Number, sum of the weights and sum of the credits of those that do not rest. */
  #active = 0;
  #weight = 0;
  #credit = 0;
  /** What a pick costs; the sum of the weights when the present reckoning began. */
  #price = 0;
  #scale = 1;
  /** The sum of the weights has changed since the last pick. */
  #stale = false;

  add(member: Member): void {
    if (this.#entries.get(member) !== undefined) return;
    const mean = this.#active === 0 ? 0 : this.#credit / this.#active;
    const group = this.#group(weightOf(member));
    const entry: Entry = { member, base: mean - group.drift, group, place: -1 };
    this.#entries.add(entry);
    this.#join(entry);
  }

  remove(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry === undefined) return;
    this.#entries.delete(member);
    if (entry.place >= 0) this.#leave(entry);
  }

  update(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry === undefined || entry.place < 0 || entry.group.weight === weightOf(member)) return;
    const credit = creditOf(entry);
    this.#leave(entry);
    entry.group = this.#group(weightOf(member));
    entry.base = credit - entry.group.drift;
    this.#join(entry);
  }

  pause(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry === undefined || entry.place < 0) return;
    const ahead = creditOf(entry) - this.#meanFor(entry.group.weight);
    this.#leave(entry);
    this.#share(ahead);
    entry.base = ahead;
  }

  resume(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry === undefined || entry.place >= 0) return;
    const ahead = entry.base;
    const mean = this.#meanFor(weightOf(member));
    this.#share(-ahead);
    entry.group = this.#group(weightOf(member));
    entry.base = mean + ahead - entry.group.drift;
    this.#join(entry);
  }

  pick(_now: number, exclude?: Exclusion): Member | undefined {
    if (this.#stale) this.#rescale();
    let pays = this.#weight * this.#scale;
    let best: Entry | undefined;
    for (const group of this.#groups.values()) {
      const gain = group.weight * this.#scale;
      group.drift += gain;
      let { first } = group.heap;
      if (exclude !== undefined && first !== undefined && exclude(first.member)) {
        const passed: Entry[] = [];
        first = firstAllowed(group, exclude, passed);
        for (const entry of passed) charge(entry, gain);
        pays -= gain * passed.length;
      }
      if (first !== undefined && (best === undefined || goesBefore(first, best))) best = first;
    }
    if (best !== undefined) charge(best, pays);
    return best?.member;
  }

  peek(_now: number, exclude?: Exclusion): Member | undefined {
    const scale = this.#stale ? this.#scaleAt(this.#nextPrice()) : this.#scale;
    let best: Entry | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (const { heap, drift, weight } of this.#groups.values()) {
      const first = exclude === undefined ? heap.first : heap.firstAllowed(({ member }) => !exclude(member));
      if (first === undefined) continue;
      const credit = first.base + (drift + weight * scale);
      const isBetter = credit > most || (credit === most && first.member.sequence < (best?.member.sequence ?? 0));
      if (!isBetter) continue;
      best = first;
      most = credit;
    }
    return best?.member;
  }

  #rescale(): void {
    this.#stale = false;
    this.#price = this.#nextPrice();
    this.#scale = this.#scaleAt(this.#price);
  }

  /** A new reckoning begins when nobody is owed anything. */
  #nextPrice(): number {
    return this.#price === 0 || !this.#anyOwed() ? this.#weight : this.#price;
  }

  /** What a unit of weight gains when a pick costs `price`. */
  #scaleAt(price: number): number {
    return this.#weight === 0 ? 0 : price / this.#weight;
  }

  #anyOwed(): boolean {
    for (const entry of this.#entries) if ((entry.place < 0 ? entry.base : creditOf(entry)) !== 0) return true;
    return false;
  }

  /** What somebody of this weight is owed who is neither ahead of the others nor behind. */
  #meanFor(weight: number): number {
    return this.#weight === 0 ? 0 : (this.#credit / this.#weight) * weight;
  }

  /** Shares credit out by weight: no two of those that get it come nearer to each other for their weights. */
  #share(credit: number): void {
    if (this.#weight === 0) return;
    for (const group of this.#groups.values()) group.drift += (credit / this.#weight) * group.weight;
    this.#credit += credit;
  }

  #group(weight: number): Group {
    const found = this.#groups.get(weight);
    if (found !== undefined) return found;
    const group: Group = { weight, heap: new Heap(goesBefore), drift: 0 };
    this.#groups.set(weight, group);
    return group;
  }

  #join(entry: Entry): void {
    entry.group.heap.add(entry);
    this.#active += 1;
    this.#weight += entry.group.weight;
    this.#credit += creditOf(entry);
    this.#stale = true;
  }

  #leave(entry: Entry): void {
    const { group } = entry;
    group.heap.remove(entry);
    this.#active -= 1;
    this.#weight -= group.weight;
    // What is left of the sum when nobody is left is rounding.
    this.#credit = this.#active === 0 ? 0 : this.#credit - creditOf(entry);
    this.#stale = true;
    if (group.heap.size === 0) this.#groups.delete(group.weight);
  }
}

/** The first of a group that is not excluded; those that are go to `passed`. */
function firstAllowed(group: Group, exclude: Exclusion, passed: Entry[]): Entry | undefined {
  return group.heap.firstAllowed((entry) => {
    if (!exclude(entry.member)) return true;
    passed.push(entry);
    return false;
  });
}

function creditOf(entry: Entry): number {
  return entry.base + entry.group.drift;
}

function charge(entry: Entry, amount: number): void {
  entry.base -= amount;
  entry.group.heap.move(entry);
}

function goesBefore(a: Entry, b: Entry): boolean {
  const more = creditOf(a) - creditOf(b);
  return more > 0 || (more === 0 && a.member.sequence < b.member.sequence);
}
