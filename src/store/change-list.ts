import type { Change } from '../core/durable-state.ts';
import { isDeliveryChange } from './delivery-change.ts';
import { isPackable, type PackedChanges, packChange, packPlace, unpackChanges } from './packed-changes.ts';
import { Packer } from './packer.ts';

/**
 * The changes of one batch, in order. Those that come by the hundred thousand are packed as they come: an object
 * that lived until the batch is posted would be moved by the garbage collector, and read again when it has left the
 * caches of the processor.
 */
export class ChangeList {
  readonly #packer = new Packer();
  readonly #others: Change[] = [];
  #length = 0;
  #steps = 0;

  constructor(changes: readonly Change[] = []) {
    for (const change of changes) this.add(change);
  }

  get length(): number {
    return this.#length;
  }

  /** How many of them are steps of deliveries. */
  get steps(): number {
    return this.#steps;
  }

  /** Returns by what `replace` knows one that is no step of a delivery. */
  add(change: Change): number {
    this.#length += 1;
    if (isDeliveryChange(change)) this.#steps += 1;
    if (isPackable(change)) packChange(this.#packer, change);
    else {
      packPlace(this.#packer);
      this.#others.push(change);
    }
    return this.#others.length - 1;
  }

  replace(known: number, change: Change): void {
    this.#others[known] = change;
  }

  /** For another thread; nothing may be added any more. */
  pack(): PackedChanges {
    return { ...this.#packer.finish(), others: this.#others };
  }

  /** For a writer in this thread; nothing may be added any more. */
  list(): Change[] {
    return unpackChanges(this.pack());
  }
}
