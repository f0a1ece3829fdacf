import type { LeaseView } from '../../store/shared.ts';
import type { Decision, EndReason } from './decision.ts';
import type { Call } from './lease-call.ts';
import {
  beatPause,
  follower,
  handoverLeases,
  handoverPause,
  isFree,
  type LeaseSettings,
  othersAlive,
} from './lease-rules.ts';

/**
 * `connecting`: the database has not answered yet. `standing-by`: another instance is active, or will be.
 * `active`: this one is. `unsure`: it was, and the database has not confirmed it in time. `handing-over`: it is,
 * and has asked another to follow. `ending`: it was, and its router is coming to its end.
 */
export type Phase = 'connecting' | 'standing-by' | 'active' | 'unsure' | 'handing-over' | 'ending';

/**
 * Who is active: what one instance knows of the lease, and what it does next. It keeps no timers and asks nobody:
 * answers and the time go in, calls and decisions come out. One call is under way at a time.
 *
 * `now` is always milliseconds of a clock that nobody sets. A lease counts from when its renewal was *sent*, so this
 * instance never believes in it longer than the database does.
 */
export class Tenure {
  readonly #settings: LeaseSettings;
  #phase: Phase = 'connecting';
  #view: LeaseView | undefined;
  #seenAt = 0;
  #epoch: number | undefined;
  /** Of the router that ran last: no other may have the same, for its batches would be taken for those. */
  #lastEpoch = 0;
  /** Until when the lease is ours for sure. */
  #sureUntil = 0;
  /** When the renewal was sent that was confirmed last. */
  #confirmedAt = Number.NEGATIVE_INFINITY;
  #contestedAt = Number.NEGATIVE_INFINITY;
  #unsureSince = 0;
  #askedAt: number | undefined;
  #yielded = false;
  /** What is to be said beside beats. */
  #wanted: 'ask' | 'ready' | 'release' | undefined;
  #preparing = false;
  #retired = false;
  #sentAt: number | undefined;
  #beatAt = Number.NEGATIVE_INFINITY;
  #patientUntil = Number.NEGATIVE_INFINITY;

  constructor(settings: LeaseSettings) {
    this.#settings = settings;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Of the router that runs or is to run; `undefined` for none. */
  get epoch(): number | undefined {
    return this.#epoch;
  }

  /** What the database said last. */
  get view(): LeaseView | undefined {
    return this.#view;
  }

  /** When the database was asked for that. */
  get seenAt(): number {
    return this.#seenAt;
  }

  /** Until when the lease is had for sure; what is past is not. */
  get sureUntil(): number {
    return this.#sureUntil;
  }

  /** Whether the lease is had for sure. */
  sure(now: number): boolean {
    return (this.#phase === 'active' || this.#phase === 'handing-over') && now < this.#sureUntil;
  }

  /** Whether the link may be made: never while another may hold the lease, and after a conflict not before the database was asked. */
  mayAttach(now: number): boolean {
    return this.#phase === 'active' && this.sure(now) && this.#confirmedAt >= this.#contestedAt;
  }

  /** What is to be said to the database now; `answered`, `done` or `failed` follows, and nothing is due before. */
  due(now: number): Call | undefined {
    if (this.#sentAt !== undefined) return undefined;
    const call = this.#nextCall(now);
    if (call === undefined) return undefined;
    this.#sentAt = now;
    if (call.kind === 'beat') this.#beatAt = now;
    return call;
  }

  /** The answer to a beat or a claim. */
  answered(call: Call, view: LeaseView, now: number): readonly Decision[] {
    const sentAt = this.#sentAt ?? now;
    this.#sentAt = undefined;
    this.#view = view;
    this.#seenAt = sentAt;
    // Epochs only grow, so this is a database that was put back or made anew. A claim may answer with an old one of ours.
    if (call.kind === 'beat') this.#lastEpoch = Math.min(this.#lastEpoch, view.epoch);
    if (this.#phase === 'connecting') this.#phase = 'standing-by';
    if (call.kind === 'claim') return this.#claimed(view, sentAt);
    if (this.#epoch !== undefined) return this.#confirmed(view, sentAt, now);
    return this.#phase === 'standing-by' ? this.#watched(view) : [];
  }

  /** What else was said has been heard. */
  done(call: Call): void {
    this.#sentAt = undefined;
    this.#beatAt = Number.NEGATIVE_INFINITY;
    if (call.kind === this.#wanted) this.#wanted = undefined;
    if (call.kind === 'release') this.#sureUntil = Number.NEGATIVE_INFINITY;
  }

  /** A call failed: whether it was heard nobody knows. */
  failed(call: Call, now: number): void {
    this.#sentAt = undefined;
    // A lease that cannot be given back runs out.
    if (call.kind === 'release') this.done(call);
    else if (call.kind === 'claim') this.#patientUntil = now + beatPause(this.#settings.lease);
  }

  /** Time passes. */
  tick(now: number): readonly Decision[] {
    if (this.#phase === 'active' && now >= this.#sureUntil) {
      this.#phase = 'unsure';
      this.#unsureSince = now;
    }
    if (this.#phase === 'unsure' && now - this.#unsureSince >= this.#bearable()) return this.#end('unsure');
    if (this.#phase === 'handing-over' && now >= this.#sureUntil) return this.#yielded ? [] : this.#end('unsure');
    const late = this.#askedAt !== undefined && now - this.#askedAt >= handoverLeases * this.#settings.lease;
    return late ? this.#yield() : [];
  }

  /** The store says that another has the lease. */
  fenced(): readonly Decision[] {
    this.#sureUntil = Number.NEGATIVE_INFINITY;
    return this.#runs() && !this.#yielded ? this.#end('lost') : [];
  }

  /** The server has another connection of our domain: who may have it the database says. */
  contested(now: number): void {
    this.#contestedAt = now;
    this.#beatAt = Number.NEGATIVE_INFINITY;
  }

  /** The other instances that are alive, as far as the database has told. */
  get others(): ReturnType<typeof othersAlive> {
    return this.#view === undefined ? [] : othersAlive(this.#view, this.#settings);
  }

  /** From now on this instance gives up its place; `ask` tells the others, once nothing stands in the way. */
  handOver(): void {
    if (this.#phase === 'active') this.#phase = 'handing-over';
  }

  ask(now: number): void {
    if (this.#phase !== 'handing-over' || this.#yielded) return;
    this.#wanted = 'ask';
    this.#askedAt = now;
  }

  /** The early link was made, or cannot be made now. */
  prepared(): void {
    if (this.#preparing) this.#wanted = 'ready';
  }

  /** Nothing of the router needs the lease any more. */
  release(): void {
    if (this.#epoch === undefined) return;
    this.#wanted = 'release';
    this.#phase = 'ending';
  }

  /** From now on this instance takes no lease. */
  retire(): void {
    this.#retired = true;
  }

  /** The router has ended. `pause`: milliseconds for which this instance claims nothing. */
  ended(now: number, pause = 0): void {
    this.#epoch = undefined;
    this.#wanted = undefined;
    this.#yielded = false;
    this.#askedAt = undefined;
    this.#sureUntil = Number.NEGATIVE_INFINITY;
    this.#phase = 'standing-by';
    this.#beatAt = Number.NEGATIVE_INFINITY;
    this.#patientUntil = now + pause;
  }

  #nextCall(now: number): Call | undefined {
    const other = this.#wantedCall();
    if (other !== undefined) return other;
    const { lease } = this.#settings;
    const free = this.#view !== undefined && (isFree(this.#view) || this.#isGranted(this.#view));
    if (this.#phase === 'standing-by' && free && now >= this.#patientUntil && !this.#retired) {
      this.#patientUntil = now + handoverPause;
      return { kind: 'claim' };
    }
    const changing = this.#phase === 'handing-over' || this.#preparing;
    const pause = changing ? handoverPause : beatPause(lease);
    if (now - this.#beatAt < pause) return undefined;
    return { kind: 'beat', epoch: this.#phase === 'ending' ? undefined : this.#epoch };
  }

  #wantedCall(): Call | undefined {
    if (this.#wanted === 'ready') return { kind: 'ready', epoch: this.#view?.epoch ?? 0 };
    if (this.#wanted === undefined || this.#epoch === undefined) return undefined;
    return { kind: this.#wanted, epoch: this.#epoch };
  }

  #claimed(view: LeaseView, sentAt: number): readonly Decision[] {
    if (this.#phase !== 'standing-by' || isFree(view) || !this.#isGranted(view)) return this.#watched(view);
    this.#phase = 'active';
    this.#epoch = view.epoch;
    this.#lastEpoch = view.epoch;
    this.#sureUntil = sentAt + this.#settings.lease;
    this.#confirmedAt = sentAt;
    this.#preparing = false;
    this.#wanted = undefined;
    return [{ do: 'begin', epoch: view.epoch }];
  }

  #isGranted({ owner, epoch }: LeaseView): boolean {
    return owner === this.#settings.id && epoch > this.#lastEpoch;
  }

  #confirmed(view: LeaseView, sentAt: number, now: number): readonly Decision[] {
    if (!this.#runs() || this.#yielded) return [];
    if (view.epoch !== this.#epoch || view.owner !== this.#settings.id || view.until === 0) return this.#end('lost');
    this.#sureUntil = Math.max(this.#sureUntil, sentAt + this.#settings.lease);
    this.#confirmedAt = sentAt;
    if (this.#phase === 'unsure' && now < this.#sureUntil) this.#phase = 'active';
    const ready = this.#phase === 'handing-over' && view.handover === 'ready';
    return ready ? this.#yield() : this.tick(now);
  }

  /** What one that stands by does about what it sees. */
  #watched(view: LeaseView): readonly Decision[] {
    if (this.#phase !== 'standing-by') return [];
    const { id } = this.#settings;
    const willing = !this.#retired && view.owner !== id && follower(view, this.#settings) === id;
    const asked = willing && view.handover === 'asked';
    if (!this.#preparing && asked) {
      this.#preparing = true;
      return [{ do: 'prepare' }];
    }
    const goes = view.handover !== undefined && (view.successor === undefined || view.successor === id);
    if (!this.#preparing || goes || isFree(view)) return [];
    this.#preparing = false;
    this.#wanted = undefined;
    return [{ do: 'unprepare' }];
  }

  /** For how long a router goes on that cannot ask: alone, for ever. */
  #bearable(): number {
    return this.others.length === 0 ? Number.POSITIVE_INFINITY : this.#settings.holdover;
  }

  #runs(): boolean {
    return this.#phase === 'active' || this.#phase === 'unsure' || this.#phase === 'handing-over';
  }

  #end(why: EndReason): readonly Decision[] {
    this.#phase = 'ending';
    this.#wanted = undefined;
    return [{ do: 'end', why }];
  }

  #yield(): readonly Decision[] {
    if (this.#yielded || this.#phase !== 'handing-over') return [];
    this.#yielded = true;
    this.#askedAt = undefined;
    if (this.#wanted === 'ask') this.#wanted = undefined;
    return [{ do: 'yield' }];
  }
}
