import type { Destination } from './destination.ts';
import { Move, type MoveResult } from './move.ts';
import type { Mover } from './mover.ts';

/** What a run is for. `rules` is the one that never ends: members told on join where they belong. */
export type Scenario = 'maintenance' | 'rebalance' | 'rules';

/** `stopped`: too many workers did not come back. */
export type RunState = 'running' | 'finished' | 'cancelled' | 'stopped';

/** How a run goes about it. */
export interface RunPlan {
  readonly scenario: Scenario;
  /** What it is about, in words: for the log and the report. */
  readonly about: string;
  /** Workers under way at once. */
  readonly batch: number;
  /** Whether a place in the batch is filled as soon as it is free, not when the whole batch is done. */
  readonly sliding: boolean;
  /** Pause between two batches, in milliseconds. */
  readonly pace: number;
  /** How many workers may fail to come back before nothing more is begun. */
  readonly maxLost: number;
  /** How many workers are to be moved; the others stand in for those who do not follow. */
  readonly quota: number;
  /** Workers whose end is remembered; of more the first are forgotten. */
  readonly remember: number;
}

/** Waiting workers that are looked at in one tick. */
const looksPerTick = 200;

/** A worker whose turn has not come. */
interface Candidate {
  readonly jid: string;
  readonly to: Destination | undefined;
}

/** Moves several workers, batch by batch. */
export class Run {
  readonly id: string;
  readonly plan: RunPlan;
  readonly startedAt: number;
  state: RunState = 'running';
  endedAt: number | undefined;
  readonly #mover: Mover;
  readonly #mayLeave: (jid: string) => boolean;
  readonly #active = new Set<Move>();
  readonly #begun: Move[] = [];
  readonly #results = new Map<MoveResult, number>();
  #waiting: Candidate[] = [];
  readonly #queued = new Set<string>();
  #nextAt: number;
  #count = 0;

  /** @param mayLeave Whether a worker can be spared now. */
  constructor(id: string, plan: RunPlan, mover: Mover, mayLeave: (jid: string) => boolean, now: number) {
    this.id = id;
    this.plan = plan;
    this.#mover = mover;
    this.#mayLeave = mayLeave;
    this.startedAt = now;
    this.#nextAt = now;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get active(): number {
    return this.#active.size;
  }

  /** How many workers were begun with. */
  get begun(): number {
    return this.#count;
  }

  /** Every worker that was begun with and is remembered, in that order. */
  get moves(): readonly Move[] {
    return this.#begun;
  }

  count(result: MoveResult): number {
    return this.#results.get(result) ?? 0;
  }

  /** Puts a worker at the end of the line; `to` is `undefined` for connecting again. */
  add(jid: string, to: Destination | undefined): void {
    this.#waiting.push({ jid, to });
    this.#queued.add(jid);
  }

  holds(jid: string): boolean {
    return this.#queued.has(jid);
  }

  /** Begins with nobody more. Who was told is followed to his end. */
  cancel(now: number): void {
    if (this.state !== 'running') return;
    this.state = 'cancelled';
    this.#dismissWaiting();
    for (const move of this.#active) this.#mover.cancel(move, now);
    this.#settle(now);
  }

  tick(now: number): void {
    this.#settle(now);
    if (this.state !== 'running' || now < this.#nextAt) return;
    if (!this.plan.sliding && this.#active.size > 0) return;
    this.#beginSome(now);
    this.#settle(now);
  }

  #beginSome(now: number): void {
    // Who cannot be spared now goes to the end of the line.
    for (let looks = Math.min(this.#waiting.length, looksPerTick); looks > 0 && this.#hasPlace(); looks -= 1) {
      const candidate = this.#waiting.shift();
      if (candidate === undefined) return;
      if (this.#mover.moves(candidate.jid) || !this.#mayLeave(candidate.jid)) this.#waiting.push(candidate);
      else this.#begin(candidate, now);
    }
  }

  #begin({ jid, to }: Candidate, now: number): void {
    this.#queued.delete(jid);
    const move = new Move(jid, to);
    this.#count += 1;
    this.#begun.push(move);
    this.#active.add(move);
    this.#mover.begin(move, now);
  }

  #dismissWaiting(): void {
    this.#waiting = [];
    this.#queued.clear();
  }

  #hasPlace(): boolean {
    return this.#active.size < this.plan.batch && this.count('moved') + this.#active.size < this.plan.quota;
  }

  /** Counts what is over, and ends the run when nothing is left to do. */
  #settle(now: number): void {
    for (const move of this.#active) {
      if (move.result === undefined) continue;
      this.#active.delete(move);
      this.#results.set(move.result, this.count(move.result) + 1);
      if (this.#active.size === 0) this.#nextAt = now + this.plan.pace;
    }
    const forgotten = this.#begun.length - this.plan.remember;
    if (forgotten > 0) this.#begun.splice(0, forgotten);
    if (this.state === 'running' && this.count('lost') > this.plan.maxLost) {
      this.state = 'stopped';
      this.#dismissWaiting();
    }
    if (this.#active.size > 0 || this.endedAt !== undefined) return;
    const done = this.#waiting.length === 0 || this.count('moved') >= this.plan.quota;
    if (this.state === 'running') {
      if (!done || this.plan.scenario === 'rules') return;
      this.state = 'finished';
      this.#dismissWaiting();
    }
    this.endedAt = now;
  }
}
