import type { IqResponseEnvelope } from '../envelope.ts';
import type { Out } from '../ports.ts';
import { pauseAfter } from './back-off.ts';

/** Subscriptions that are being ended at a time. */
const most = 10_000;
/** How long a service may take to answer, in milliseconds. */
const patience = 20_000;
/** How often the end of a subscription is asked for. */
const attempts = 8;

/** A subscription that is to end. */
export interface Farewell {
  readonly pool: string;
  /** The pool's bare JID. */
  readonly jid: string;
  readonly service: string;
  readonly node: string;
  readonly subid: string | undefined;
}

interface Ending extends Farewell {
  failures: number;
  dueAt: number;
  /** Id of the question that is open. */
  id: string | undefined;
}

/** Ends subscriptions that the configuration does not want any more (XEP-0060 6.2), whoever is reached when. */
export class Farewells {
  readonly #out: Out;
  readonly #newId: () => string;
  readonly #endings = new Set<Ending>();
  readonly #open = new Map<string, { readonly ending: Ending; readonly deadline: number }>();

  constructor(out: Out, newId: () => string) {
    this.#out = out;
    this.#newId = newId;
  }

  get size(): number {
    return this.#endings.size;
  }

  /** Begins to end a subscription. */
  add(farewell: Farewell, now: number): void {
    if (this.#endings.size >= most) this.#tell(farewell, 'too many subscriptions end at once');
    else this.#endings.add({ ...farewell, failures: 0, dueAt: now, id: undefined });
  }

  /** The subscription is wanted again. */
  cancel(pool: string, service: string, node: string): void {
    for (const ending of this.#endings) {
      if (ending.pool === pool && ending.service === service && ending.node === node) this.#end(ending);
    }
  }

  /** Whether events of `service` may still come to `pool` by a subscription that is being ended. */
  covers(pool: string, service: string): boolean {
    for (const ending of this.#endings) if (ending.pool === pool && ending.service === service) return true;
    return false;
  }

  /** Asks again what was open when the link was lost. */
  linkUp(now: number): void {
    for (const ending of this.#endings) ending.dueAt = now;
  }

  linkDown(): void {
    this.#open.clear();
    for (const ending of this.#endings) ending.id = undefined;
  }

  /** Takes in the answer to a request of ours, or returns false. Matched by peer and id. */
  answer(response: IqResponseEnvelope, now: number): boolean {
    const ending = response.id === undefined ? undefined : this.#open.get(response.id)?.ending;
    if (ending === undefined || ending.service !== response.from || ending.jid !== response.to) return false;
    const { error } = response;
    if (error?.type === 'wait') {
      this.#failed(ending, error.condition, now);
      return true;
    }
    // Where there is no node or no subscription, there is nothing to end.
    const gone = error === undefined || error.condition === 'item-not-found' || error.pubsub === 'not-subscribed';
    if (!gone) this.#tell(ending, error.pubsub ?? error.condition);
    this.#end(ending);
    return true;
  }

  /** Sends what is due, at most `budget` questions; returns how many of them are left. */
  tick(budget: number, now: number): number {
    for (const { ending, deadline } of this.#open.values()) {
      if (deadline > now) break;
      this.#failed(ending, 'no answer', now);
    }
    let left = budget;
    for (const ending of this.#endings) {
      if (left === 0) break;
      if (ending.id !== undefined || ending.dueAt > now) continue;
      left -= 1;
      const { jid, service, node, subid } = ending;
      ending.id = this.#newId();
      this.#open.set(ending.id, { ending, deadline: now + patience });
      this.#out.askPubSub(jid, service, ending.id, { name: 'unsubscribe', node, subid });
    }
    return left;
  }

  #failed(ending: Ending, reason: string, now: number): void {
    if (ending.id !== undefined) this.#open.delete(ending.id);
    ending.id = undefined;
    ending.failures += 1;
    ending.dueAt = now + pauseAfter(ending.failures, `${ending.jid} ${ending.service} ${ending.node}`, now);
    if (ending.failures < attempts) return;
    this.#tell(ending, reason);
    this.#end(ending);
  }

  #end(ending: Ending): void {
    if (ending.id !== undefined) this.#open.delete(ending.id);
    this.#endings.delete(ending);
  }

  #tell({ pool, service, node }: Farewell, reason: string): void {
    const text = `the subscription to ${node} at ${service} could not be ended: ${reason}; events that still come are dropped`;
    this.#out.notice({ level: 'warn', event: 'pubsub-not-ended', pool, text, detail: { service, node, reason } });
  }
}
