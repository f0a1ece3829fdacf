import type { Call } from '../../../src/app/standby/lease-call.ts';
import type { Fingerprint, Handover, InstanceView, LeaseView } from '../../../src/store/shared.ts';

/** What a database knows of the lease: the rules of `SharedDatabase` in a few lines, with a clock that the test moves. */
export class ModelledLease {
  now = 1_000_000;
  epoch = 0;
  owner: string | undefined;
  until = 0;
  handover: Handover | undefined;
  successor: string | undefined;
  /** What operators call instances, by id; the id where there is nothing. */
  readonly names = new Map<string, string>();
  /** What instances said of their configuration, by id. */
  readonly described = new Map<string, Fingerprint>();
  readonly #instances = new Map<string, InstanceView>();

  /** Does what `id` asks for. */
  execute(id: string, call: Call, ttl: number): LeaseView {
    const has = 'epoch' in call && call.epoch === this.epoch;
    const own = has && this.owner === id && this.until > 0;
    if (call.kind === 'beat' && own) this.until = this.now + ttl;
    if (call.kind === 'release' && own) this.until = 0;
    if (call.kind === 'ask' && own) this.handover = 'asked';
    if (call.kind === 'ready' && has && this.handover === 'asked') {
      this.handover = 'ready';
      this.successor = id;
    }
    if (call.kind === 'claim') this.#claim(id, ttl);
    const role = this.owner === id && this.until > this.now ? 'active' : 'standby';
    this.#instances.set(id, { name: this.names.get(id) ?? id, id, version: '1', role, beat: this.now });
    return this.view();
  }

  leave(id: string): void {
    this.#instances.delete(id);
  }

  view(): LeaseView {
    const { epoch, owner, until, handover, successor, now } = this;
    const instances = [...this.#instances.values()].map((each) => ({
      ...each,
      digest: this.described.get(each.id)?.digest ?? null,
    }));
    return { epoch, owner, until, handover, successor, now, instances };
  }

  #claim(id: string, ttl: number): void {
    if (this.until > this.now) return;
    // Who is ready to follow goes first, as long as a lease would last.
    const awaited = this.successor !== undefined && this.successor !== id && this.#isAlive(this.successor, ttl);
    if (awaited) return;
    this.epoch += 1;
    this.owner = id;
    this.until = this.now + ttl;
    this.handover = undefined;
    this.successor = undefined;
  }

  #isAlive(id: string, ttl: number): boolean {
    const beat = this.#instances.get(id)?.beat;
    return beat !== undefined && this.now - beat < ttl;
  }
}
