import type { DeliveryChange } from '../../core/delivery-state.ts';
import type { Accepted } from '../delivery-change.ts';
import { BigintColumn, IntegerColumn, TextColumn } from './binary-columns.ts';

type Step = Exclude<DeliveryChange, Accepted>;

/** What a step says besides its delivery: numbers and texts, in the order in which `write_steps` takes them. */
interface Said {
  readonly id: number;
  readonly a?: number;
  readonly b?: number;
  readonly c?: number;
  readonly s?: string | undefined;
  readonly t?: string | undefined;
}

/** Steps of deliveries, a column each field. */
export class StepColumns {
  #length = 0;
  readonly #place = new IntegerColumn();
  readonly #id = new BigintColumn();
  readonly #pool = new TextColumn();
  readonly #a = new BigintColumn();
  readonly #b = new BigintColumn();
  readonly #c = new BigintColumn();
  readonly #s = new TextColumn();
  readonly #t = new TextColumn();

  get length(): number {
    return this.#length;
  }

  push(step: Step, place: number): void {
    const { id, a, b, c, s, t } = saidBy(step);
    this.#length += 1;
    this.#place.push(place);
    this.#id.push(id);
    this.#pool.push(step.pool);
    this.#a.push(a);
    this.#b.push(b);
    this.#c.push(c);
    this.#s.push(s);
    this.#t.push(t);
  }

  finish(): Buffer[] {
    const columns = [this.#place, this.#id, this.#pool, this.#a, this.#b, this.#c, this.#s, this.#t];
    return columns.map((column) => column.finish());
  }
}

function saidBy(step: Step): Said {
  switch (step.op) {
    case 'lease':
      return { id: step.id, a: step.attempt, b: step.leasedAt, c: step.deadline, s: step.worker, t: step.nonce };
    case 'release':
      return { id: step.id, a: step.attempt, b: step.notBefore, s: step.history };
    case 'extend':
      return { id: step.id, a: step.attempt, b: step.deadline };
    case 'bury':
      return { id: step.id, a: step.attempt, b: step.at, s: step.reason, t: step.history };
    case 'keep':
      return { id: step.id, a: step.at };
    case 'bounce':
      return { id: step.id, a: step.attempt };
    case 'redrive':
      return { id: step.id, a: step.expires, b: step.notBefore };
    case 'forget-duplicates':
      return { id: step.before };
    case 'ack':
    case 'purge':
      return { id: step.id };
  }
}
