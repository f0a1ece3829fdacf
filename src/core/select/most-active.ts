import type { Show } from '../envelope.ts';
import type { Member, WorkObserver } from '../pool/member.ts';
import { type Alarmed, Alarms } from './alarms.ts';
import { Heap, type Placed } from './heap.ts';
import type { Exclusion, Selector } from './selector.ts';

/** Availability of RFC 6121 4.7.2.1, the most eager first. */
const showOrder: Readonly<Record<Show, number>> = { chat: 0, online: 1, away: 2, xa: 3, dnd: 4 };

interface Entry extends Placed, Alarmed {
  readonly member: Member;
  /** In flight; kept up to date by the member's reports and by alarms for its fall. */
  load: number;
  /** Order of being served within one selector: tells apart what happened in one millisecond. */
  turn: number;
  group: Group;
}

/** Members of the same priority and show. */
interface Group {
  readonly rank: number;
  readonly heap: Heap<Entry>;
}

/**
 * `urn:xmpp:cmr:mostactive`: exactly one: highest priority, then show (chat, none, away, xa), then
 * fewest in flight, then longest idle, then join order. What is in flight decays with time, so
 * each entry sets an alarm for its next fall; a pick takes logarithmic time, spread over the
 * forwards whose alarms it meets.
 */
export class MostActive implements Selector, WorkObserver {
  readonly #entries = new Map<Member, Entry>();
  /** Best rank first; none is empty. */
  readonly #groups: Group[] = [];
  readonly #alarms = new Alarms<Entry>();
  #turns = 0;
  /** Latest time heard of; 0 before the first. */
  #now = 0;

  add(member: Member): void {
    if (this.#entries.has(member)) return;
    const load = member.inFlight(this.#now);
    const entry: Entry = {
      member,
      load,
      turn: 0,
      place: -1,
      group: this.#group(member),
      alarm: undefined,
    };
    entry.group.heap.add(entry);
    this.#entries.set(member, entry);
    this.#alarms.set(entry, member.inFlightFallsAt(this.#now));
  }

  remove(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry === undefined) return;
    this.#entries.delete(member);
    if (entry.place >= 0) this.#leave(entry);
  }

  update(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry === undefined || entry.place < 0 || entry.group.rank === rankOf(member)) return;
    this.#leave(entry);
    this.#enter(entry);
  }

  pause(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry !== undefined && entry.place >= 0) this.#leave(entry);
  }

  resume(member: Member): void {
    const entry = this.#entries.get(member);
    if (entry === undefined || entry.place >= 0) return;
    this.#enter(entry);
    this.#fall(entry);
  }

  workChanged(member: Member, now: number): void {
    const entry = this.#entries.get(member);
    if (entry === undefined) return;
    this.#now = Math.max(this.#now, now);
    const load = member.inFlight(now);
    if (load > entry.load) {
      this.#turns += 1;
      entry.turn = this.#turns;
    }
    entry.load = load;
    if (entry.place < 0) return;
    entry.group.heap.move(entry);
    this.#alarms.set(entry, member.inFlightFallsAt(this.#now));
  }

  pick(now: number, exclude?: Exclusion): Member | undefined {
    this.#now = Math.max(this.#now, now);
    this.#alarms.ring(this.#now, this.#fall);
    if (exclude === undefined) return this.#groups[0]?.heap.first?.member;
    for (const { heap } of this.#groups) {
      const entry = heap.firstAllowed(({ member }) => !exclude(member));
      if (entry !== undefined) return entry.member;
    }
    return undefined;
  }

  /** A pick leaves no trace: who is chosen moves when he is served. */
  peek(now: number, exclude?: Exclusion): Member | undefined {
    return this.pick(now, exclude);
  }

  #group(member: Member): Group {
    const rank = rankOf(member);
    const index = this.#groups.findIndex((group) => group.rank >= rank);
    const found = this.#groups[index];
    if (found?.rank === rank) return found;
    const group: Group = { rank, heap: new Heap(goesBefore) };
    this.#groups.splice(index < 0 ? this.#groups.length : index, 0, group);
    return group;
  }

  #enter(entry: Entry): void {
    entry.group = this.#group(entry.member);
    entry.group.heap.add(entry);
  }

  #leave(entry: Entry): void {
    entry.group.heap.remove(entry);
    if (entry.group.heap.size === 0) this.#groups.splice(this.#groups.indexOf(entry.group), 1);
  }

  readonly #fall = (entry: Entry): void => {
    if (entry.place < 0) return;
    entry.load = entry.member.inFlight(this.#now);
    entry.group.heap.move(entry);
    this.#alarms.set(entry, entry.member.inFlightFallsAt(this.#now));
  };
}

/** Lower is better. */
function rankOf(member: Member): number {
  return showOrder[member.show] - member.priority * 5;
}

function goesBefore(a: Entry, b: Entry): boolean {
  if (a.load !== b.load) return a.load < b.load;
  if (a.member.servedAt !== b.member.servedAt) return a.member.servedAt < b.member.servedAt;
  if (a.turn !== b.turn) return a.turn < b.turn;
  return a.member.sequence < b.member.sequence;
}
