import type { StoredLabel } from '../../durable-state.ts';
import type { MemoryBudget } from '../../memory/memory.ts';
import type { Out } from '../../ports.ts';

/** How long a label stays with its account after the worker has left, in milliseconds. */
const bindingTime = 86_400_000;
/** How much earlier than the last leave the stored one may be: who flaps shall cost no writes. */
const stale = 3_600_000;
/** Most bindings of a pool; the oldest goes first. */
const bindingsMax = 10_000;
/** What a binding costs beside its text, in bytes: the record and a place in a table. */
const overhead = 200;

interface Binding {
  readonly label: string;
  readonly bare: string;
  /** Epoch milliseconds of the last leave. */
  readonly at: number;
  readonly storedAt: number;
}

/**
 * The labels of workers that have left, and may be back: a sender who writes to one shall not reach somebody else
 * meanwhile, and who comes back gets it back. Durable, within the memory budget.
 */
export class BoundLabels {
  readonly #pool: string;
  readonly #memory: MemoryBudget;
  readonly #out: Out;
  /** By label, the one that was left first first. */
  readonly #bound = new Map<string, Binding>();

  constructor(pool: string, memory: MemoryBudget, out: Out) {
    this.#pool = pool;
    this.#memory = memory;
    this.#out = out;
  }

  get size(): number {
    return this.#bound.size;
  }

  /** Whether another account than `bare` has the label still. */
  keepsFrom(label: string, bare: string): boolean {
    const bound = this.#bound.get(label);
    return bound !== undefined && bound.bare !== bare;
  }

  /** Keeps the label of a worker of `bare` that left at `at`. */
  bind(label: string, bare: string, at: number): void {
    const known = this.#bound.get(label);
    const fresh = known?.bare === bare && at - known.storedAt <= stale;
    if (known !== undefined) this.#forget(known);
    if (!this.#insert({ label, bare, at, storedAt: fresh ? known.storedAt : at }) || fresh) return;
    this.#out.commit({ op: 'put-label', pool: this.#pool, label, bare, at }, (error) => {
      this.#written(error);
      const binding = this.#bound.get(label);
      // Written again at the next leave.
      if (error !== undefined && binding !== undefined) this.#bound.set(label, { ...binding, storedAt: 0 });
    });
  }

  /** Takes in what an earlier process stored, the oldest first. */
  restore({ label, bare, at }: StoredLabel): void {
    this.#insert({ label, bare, at, storedAt: at });
  }

  /** Frees what was left long enough ago. */
  expire(now: number): void {
    for (const binding of this.#bound.values()) {
      if (now - binding.at <= bindingTime) return;
      this.#free(binding);
    }
  }

  /** Gives back the memory, because the pool is closed; the store keeps the rows for its return. */
  close(): void {
    for (const binding of this.#bound.values()) this.#forget(binding);
  }

  /** False when there is no room even without the oldest. */
  #insert(binding: Binding): boolean {
    if (this.#bound.size >= bindingsMax) this.#freeOldest();
    if (!this.#memory.take(costOf(binding))) {
      this.#freeOldest();
      if (!this.#memory.take(costOf(binding))) return false;
    }
    this.#bound.set(binding.label, binding);
    return true;
  }

  #freeOldest(): void {
    const oldest = this.#bound.values().next();
    if (oldest.done !== true) this.#free(oldest.value);
  }

  #free(binding: Binding): void {
    this.#forget(binding);
    const { label } = binding;
    this.#out.commit({ op: 'remove-label', pool: this.#pool, label }, (error) => this.#written(error));
  }

  #forget(binding: Binding): void {
    this.#bound.delete(binding.label);
    this.#memory.give(costOf(binding));
  }

  #written(error: Error | undefined): void {
    if (error !== undefined) this.#out.event('write-failed', this.#pool);
  }
}

/** UTF-16 text may hold two bytes a unit. */
function costOf({ label, bare }: Binding): number {
  return overhead + 2 * (label.length + bare.length);
}
