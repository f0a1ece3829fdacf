import type { DeliveryChange, QueueQuery, QueueRows } from '../core/delivery-state.ts';
import type {
  Change,
  Snapshot,
  StoredAlias,
  StoredConversation,
  StoredLabel,
  StoredMember,
  StoredOrder,
  StoredPool,
  StoredPreference,
  StoredSubscription,
} from '../core/durable-state.ts';
import type { ChangeList } from './change-list.ts';
import { isDeliveryChange, staleError } from './delivery-change.ts';
import type { StoreError } from './error.ts';
import type { BatchReport, BatchWriter } from './journal.ts';
import { MemoryDeliveries } from './memory-deliveries.ts';

/** Keeps the state in this process and loses it with it; for tests and `driver: memory`. */
export class MemoryWriter implements BatchWriter {
  readonly file = ':memory:';
  readonly down = undefined;
  readonly restarts = 0;
  readonly #preferences = new Map<string, StoredPreference>();
  readonly #members = new Map<string, StoredMember>();
  readonly #conversations = new Map<string, StoredConversation>();
  readonly #subscriptions = new Map<string, StoredSubscription>();
  readonly #aliases = new Map<string, StoredAlias>();
  readonly #labels = new Map<string, StoredLabel>();
  readonly #orders = new Map<string, StoredOrder>();
  readonly #made = new Map<string, StoredPool>();
  readonly #deliveries = new MemoryDeliveries();

  write(changes: ChangeList): Promise<BatchReport> {
    const refused = new Map<number, StoreError>();
    changes.list().forEach((change, row) => {
      if (!isDeliveryChange(change)) this.#apply(change);
      else if (!this.#deliveries.apply(change)) refused.set(row, staleError(this.file, change));
    });
    return Promise.resolve({ refused });
  }

  read(query: QueueQuery): Promise<QueueRows> {
    return Promise.resolve(this.#deliveries.read(query));
  }

  load(): Promise<Snapshot> {
    return Promise.resolve({
      preferences: [...this.#preferences.values()],
      members: [...this.#members.values()].sort((a, b) => a.sequence - b.sequence),
      conversations: [...this.#conversations.values()],
      subscriptions: [...this.#subscriptions.values()],
      aliases: [...this.#aliases.values()],
      labels: [...this.#labels.values()].sort((a, b) => a.at - b.at),
      orders: [...this.#orders.values()],
      made: [...this.#made.values()],
      queues: this.#deliveries.queues(),
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #apply(change: Exclude<Change, DeliveryChange>): void {
    switch (change.op) {
      case 'set-preference': {
        const { op: _, ...preference } = change;
        this.#preferences.set(change.pool, preference);
        break;
      }
      case 'clear-preference':
        this.#preferences.delete(change.pool);
        break;
      case 'put-member': {
        const { op: _, ...member } = change;
        this.#members.set(`${change.pool}\0${change.jid}`, member);
        break;
      }
      case 'remove-member':
        this.#members.delete(`${change.pool}\0${change.jid}`);
        break;
      case 'put-order': {
        const { op: _, ...order } = change;
        this.#orders.set(`${change.pool}\0${change.jid}`, order);
        break;
      }
      case 'remove-order':
        this.#orders.delete(`${change.pool}\0${change.jid}`);
        break;
      case 'put-conversation': {
        const { op: _, ...conversation } = change;
        this.#conversations.set(`${change.pool}\0${change.sender}`, conversation);
        break;
      }
      case 'put-subscription': {
        const { op: _, ...subscription } = change;
        this.#subscriptions.set(`${change.pool}\0${change.peer}`, subscription);
        break;
      }
      case 'remove-subscription':
        this.#subscriptions.delete(`${change.pool}\0${change.peer}`);
        break;
      case 'expire-conversations':
        for (const [key, { pool, at }] of this.#conversations) {
          if (pool === change.pool && at < change.before) this.#conversations.delete(key);
        }
        break;
      default:
        this.#applyToNames(change);
    }
  }

  /** The changes to what people, workers and pools are called. */
  #applyToNames(change: Extract<Change, { op: `${'put' | 'remove'}-${'label' | 'alias' | 'pool'}` }>): void {
    switch (change.op) {
      case 'put-label': {
        const { op: _, ...label } = change;
        this.#labels.set(`${change.pool}\0${change.label}`, label);
        break;
      }
      case 'remove-label':
        this.#labels.delete(`${change.pool}\0${change.label}`);
        break;
      case 'put-alias': {
        const { op: _, ...alias } = change;
        this.#aliases.set(`${change.pool}\0${change.sender}`, alias);
        break;
      }
      case 'remove-alias':
        this.#aliases.delete(`${change.pool}\0${change.sender}`);
        break;
      case 'put-pool': {
        const { op: _, ...pool } = change;
        this.#made.set(change.pool, pool);
        break;
      }
      case 'remove-pool':
        this.#made.delete(change.pool);
    }
  }
}
