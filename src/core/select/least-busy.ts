import { type Member, type WorkObserver, weightOf } from '../pool/member.ts';
import { type Alarmed, Alarms } from './alarms.ts';
import { Heap, type Placed } from './heap.ts';
import type { Exclusion, Selector } from './selector.ts';

interface Entry extends Placed, Alarmed {
  readonly member: Member;
  weight: number;
  /** In flight; kept up to date by the member's reports and by alarms for its fall. */
  load: number;
  /** Number of the pick that chose it last, or that it came after. */
  turn: number;
}

/**
 * `urn:x-switchyard:algorithm:leastbusy`: the fewest in flight for its weight; those that are equal
 * take turns: the one picked longest ago goes first, and a newcomer stands at the end of the line.
 * A pick takes logarithmic time, as does each change to what a member has in flight.
 */
export class LeastBusy implements Selector, WorkObserver {
  readonly #entries = new Map<Member, Entry>();
  readonly #heap = new Heap<Entry>(goesBefore);
  readonly #alarms = new Alarms<Entry>();
  #picks = 0;
  /** Latest time heard of; 0 before the first. */
  #now = 0;

  add(member: Member): void {
    if (this.#entries.has(member)) return;
    const entry: Entry = {
      member,
      weight: weightOf(member),
      load: member.inFlight(this.#now),
      turn: this.#picks,
      place: -1,
      alarm: undefined,
    };
    this.#entries.set(member, entry);
    this.#heap.add(entry);
    this.#alarms.set(entry, member.inFlightFallsAt(this.#now));
  }

  remove(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry === undefined) return;
    this.#entries.delete(member);
    if (entry.place >= 0) this.#heap.remove(entry);
  }

  update(member: Member): void {
    const entry = this.#entries.get(member);
    const weight = weightOf(member);
    if (entry === undefined || entry.weight === weight) return;
    entry.weight = weight;
    if (entry.place >= 0) this.#heap.move(entry);
  }

  pause(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry !== undefined && entry.place >= 0) this.#heap.remove(entry);
  }

  resume(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry === undefined || entry.place >= 0) return;
    this.#heap.add(entry);
    this.#measure(entry);
  }

  workChanged(member: Member, now: number): void {
    const entry = this.#entries.get(member);
    if (entry === undefined) return;
    this.#now = Math.max(this.#now, now);
    this.#measure(entry);
  }

  pick(now: number, exclude?: Exclusion): Member | undefined {
    const entry = this.#first(now, exclude);
    if (entry === undefined) return undefined;
    this.#picks += 1;
    entry.turn = this.#picks;
    this.#heap.move(entry);
    return entry.member;
  }

  peek(now: number, exclude?: Exclusion): Member | undefined {
    return this.#first(now, exclude)?.member;
  }

  #first(now: number, exclude: Exclusion | undefined): Entry | undefined {
    this.#now = Math.max(this.#now, now);
    this.#alarms.ring(this.#now, this.#measure);
    return exclude === undefined ? this.#heap.first : this.#heap.firstAllowed(({ member }) => !exclude(member));
  }

  /** Sees how busy a member is now. */
  readonly #measure = (entry: Entry): void => {
    if (entry.place < 0) return;
    entry.load = entry.member.inFlight(this.#now);
    this.#heap.move(entry);
    this.#alarms.set(entry, entry.member.inFlightFallsAt(this.#now));
  };
}

/** Compares load over weight without dividing: two members that are equally busy are exactly equal. */
function goesBefore(a: Entry, b: Entry): boolean {
  const more = a.load * b.weight - b.load * a.weight;
  if (more !== 0) return more < 0;
  return a.turn === b.turn ? a.member.sequence < b.member.sequence : a.turn < b.turn;
}
