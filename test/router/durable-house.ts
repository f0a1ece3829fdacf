import type { ServiceDesk } from '../../src/core/commands/command.ts';
import type { MessageEnvelope } from '../../src/core/envelope.ts';
import type { DeliverySettings, PoolSettings } from '../../src/core/settings.ts';
import { ChangeList } from '../../src/store/change-list.ts';
import { MemoryWriter } from '../../src/store/memory.ts';
import {
  deliverySettings,
  emptySnapshot,
  House,
  jobs,
  message,
  poolSettings,
  sender,
  serviceSettings,
} from './house.ts';
import type { Written } from './recording-out.ts';

/** What a worker was given. */
export type Given = Extract<Written, { call: 'deliver' | 'deliver-iq' }>;

export type Changes = Partial<DeliverySettings>;

/** A pool that accepts receipts of anybody as acknowledgements, and loses nothing. */
export function durablePool(delivery: Changes = {}, changes: Partial<PoolSettings> = {}): PoolSettings {
  return poolSettings({
    delivery: deliverySettings({ guarantee: 'at-least-once', ack: 'receipt', ...delivery }),
    ...changes,
  });
}

/** A router with durable pools over a real store in memory, which answers when the test lets it. */
export class DurableHouse extends House {
  readonly store: MemoryWriter;
  /** What the store does from now on. */
  mood: 'well' | 'failing' = 'well';

  constructor(
    pools: PoolSettings | readonly PoolSettings[] = durablePool(),
    store = new MemoryWriter(),
    snapshot = emptySnapshot,
    desk: Partial<ServiceDesk> = {},
  ) {
    super(serviceSettings([pools].flat()), snapshot, desk);
    this.store = store;
  }

  /** Another process on the same store: what the first had not committed is lost. */
  async restarted(pool: PoolSettings = durablePool()): Promise<DurableHouse> {
    const next = new DurableHouse(pool, this.store, await this.store.load());
    next.now = this.now;
    return next;
  }

  /** A worker joins over a link that stands. */
  work(...workers: string[]): this {
    for (const worker of workers) this.join(worker);
    return this;
  }

  /** Sends a message; it is not stored yet. */
  send(id: string, changes: Partial<MessageEnvelope> = {}): void {
    this.on(message({ id, tail: `<body>${id}</body>`, ...changes }));
  }

  /** Lets the store take all that it was asked, in order, and what comes of that. */
  async settle(): Promise<void> {
    for (let step = this.out.asked.shift(); step !== undefined; step = this.out.asked.shift()) {
      if ('query' in step) {
        if (this.mood === 'failing') step.done(undefined, new Error('disk full'));
        else step.done(await this.store.read(step.query), undefined);
        continue;
      }
      if (this.mood === 'failing') {
        step.done?.(new Error('disk full'));
        continue;
      }
      const { refused } = await this.store.write(new ChangeList([step.change]));
      step.done?.(refused.get(0));
    }
  }

  /** Lets time pass, and the store answer, in steps. */
  async wait(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 100) {
      this.pass(Math.min(100, left));
      await this.settle();
    }
  }

  /** What was given to workers since it was asked last; everything else that was written is forgotten. */
  given(): Given[] {
    return this.out
      .take()
      .filter((written): written is Given => written.call === 'deliver' || written.call === 'deliver-iq');
  }

  /** Ids and workers of what was given since it was asked last. */
  deals(): string[] {
    return this.given().map(({ message: { id }, to }) => `${id}>${to.slice(to.indexOf('/') + 1)}`);
  }

  /** The worker acknowledges `id` by a receipt. */
  receipt(worker: string, id: string, changes: Partial<MessageEnvelope> = {}): void {
    const tail = `<received xmlns='urn:xmpp:receipts' id='${id}'/>`;
    this.on(
      message({
        from: worker,
        to: `${jobs}/${sender}`,
        id: `r-${id}`,
        receipt: id,
        refersTo: id,
        signal: true,
        tail,
        ...changes,
      }),
    );
  }

  /** The calls that told senders something, since it was asked last. */
  told(): Written[] {
    return this.out
      .take()
      .filter(({ call }) => call === 'queued' || call === 'receipt' || call === 'give-back' || call === 'bounce');
  }
}
