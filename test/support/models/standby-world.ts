import assert from 'node:assert/strict';
import type { Decision } from '../../../src/app/standby/decision.ts';
import type { Call } from '../../../src/app/standby/lease-call.ts';
import { Tenure } from '../../../src/app/standby/tenure.ts';
import type { LeaseView } from '../../../src/store/shared.ts';
import { ModelledLease } from './modelled-lease.ts';

export const lease = 5_000;
export const holdover = 12_000;

/** One instance of a modelled pair or more: its rules are real, its database, its clock and its router are not. */
export class ModelledInstance {
  /** Differs from process to process. */
  id: string;
  /** Its clock is ahead of the database's by so much. */
  readonly skew: number;
  tenure: Tenure;
  frozen = false;
  /** Epoch of the router that runs. */
  term: number | undefined;
  /** The router is coming to its end. */
  ending = false;
  linked = false;
  readonly epochs: number[] = [];
  call: Call | undefined;
  heard: LeaseView | undefined;

  constructor(id: string, skew: number) {
    this.id = id;
    this.skew = skew;
    this.tenure = new Tenure({ id, lease, holdover });
  }
}

export class StandbyWorld {
  readonly database = new ModelledLease();
  readonly instances: readonly ModelledInstance[];

  constructor(skews: readonly number[]) {
    this.instances = skews.map((skew, index) => new ModelledInstance(`i${index}`, skew));
  }

  clockOf(instance: ModelledInstance): number {
    return this.database.now + instance.skew;
  }

  advance(ms: number): void {
    this.database.now += ms;
    for (const instance of this.instances) this.turn(instance);
  }

  /** What a driver does each few milliseconds. */
  turn(instance: ModelledInstance): void {
    if (instance.frozen) return;
    const now = this.clockOf(instance);
    this.#take(instance, instance.tenure.tick(now));
    if (instance.call === undefined) instance.call = instance.tenure.due(now);
  }

  /** The database gets what was said, at most once. */
  hear(instance: ModelledInstance): void {
    const { call, id } = instance;
    if (call !== undefined && instance.heard === undefined) instance.heard = this.database.execute(id, call, lease);
  }

  answer(instance: ModelledInstance): void {
    const { call, heard, tenure } = instance;
    if (call === undefined || heard === undefined || instance.frozen) return;
    this.#over(instance);
    if (call.kind === 'beat' || call.kind === 'claim')
      this.#take(instance, tenure.answered(call, heard, this.clockOf(instance)));
    else tenure.done(call);
    this.#released(instance, call);
    this.turn(instance);
  }

  /** The connection is lost: whether the call was heard the instance does not know. */
  lose(instance: ModelledInstance): void {
    const { call, tenure } = instance;
    if (call === undefined || instance.frozen) return;
    this.#over(instance);
    tenure.failed(call, this.clockOf(instance));
    this.#released(instance, call);
  }

  /** A batch of its router comes to the database. Returns whether it was written. */
  commit(instance: ModelledInstance): boolean {
    if (instance.term === undefined) return false;
    const written = instance.term === this.database.epoch;
    if (!written && !instance.frozen) this.#take(instance, instance.tenure.fenced());
    return written;
  }

  finish(instance: ModelledInstance): void {
    if (!instance.ending || instance.frozen) return;
    this.#end(instance);
  }

  stepDown(instance: ModelledInstance): void {
    if (instance.frozen || instance.tenure.phase !== 'active' || instance.tenure.others.length === 0) return;
    instance.tenure.handOver();
    instance.tenure.ask(this.clockOf(instance));
  }

  prepared(instance: ModelledInstance): void {
    if (!instance.frozen && instance.linked) instance.tenure.prepared();
  }

  crash(instance: ModelledInstance): void {
    this.#over(instance);
    this.database.leave(instance.id);
    instance.id += "'";
    instance.tenure = new Tenure({ id: instance.id, lease, holdover });
    instance.term = undefined;
    instance.ending = false;
    instance.linked = false;
    instance.frozen = false;
  }

  /** All is well for so long: every call is heard and answered. */
  settle(ms: number): void {
    for (const instance of this.instances) instance.frozen = false;
    for (let passed = 0; passed < ms; passed += 25) {
      this.advance(25);
      for (const instance of this.instances) {
        this.finish(instance);
        this.prepared(instance);
        this.hear(instance);
        this.answer(instance);
        this.commit(instance);
      }
    }
  }

  #over(instance: ModelledInstance): void {
    instance.call = undefined;
    instance.heard = undefined;
  }

  #released(instance: ModelledInstance, call: Call): void {
    if (call.kind === 'release') this.#end(instance);
  }

  #end(instance: ModelledInstance): void {
    instance.term = undefined;
    instance.ending = false;
    instance.tenure.ended(this.clockOf(instance));
  }

  #take(instance: ModelledInstance, decisions: readonly Decision[]): void {
    for (const decision of decisions) {
      if (decision.do === 'begin') {
        assert.equal(instance.term, undefined, 'two routers in one instance');
        assert.ok(!instance.epochs.includes(decision.epoch), 'an epoch for two routers');
        instance.epochs.push(decision.epoch);
        instance.term = decision.epoch;
        instance.linked = false;
      } else if (decision.do === 'end') {
        assert.notEqual(instance.term, undefined, 'no router to end');
        instance.ending = true;
      } else if (decision.do === 'yield') instance.tenure.release();
      else instance.linked = decision.do === 'prepare';
    }
  }
}
