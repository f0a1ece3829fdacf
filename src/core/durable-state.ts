import type { DeliveryChange, StoredQueue } from './delivery-state.ts';
import type { AlgorithmName } from './settings.ts';

/** A change to the durable state. The store applies them in the order given. */
export type Change =
  | DeliveryChange
  | {
      readonly op: 'set-preference';
      readonly pool: string;
      readonly algorithm: AlgorithmName;
      /** The file's value that this one replaces: when the file changes, the file wins. */
      readonly replaced: AlgorithmName;
    }
  | { readonly op: 'clear-preference'; readonly pool: string }
  | ({ readonly op: 'put-member' } & StoredMember)
  | { readonly op: 'remove-member'; readonly pool: string; readonly jid: string }
  | ({ readonly op: 'put-conversation' } & StoredConversation)
  | ({ readonly op: 'put-subscription' } & StoredSubscription)
  | { readonly op: 'remove-subscription'; readonly pool: string; readonly peer: string }
  | ({ readonly op: 'put-label' } & StoredLabel)
  | { readonly op: 'remove-label'; readonly pool: string; readonly label: string }
  | ({ readonly op: 'put-order' } & StoredOrder)
  | { readonly op: 'remove-order'; readonly pool: string; readonly jid: string }
  | ({ readonly op: 'put-pool' } & StoredPool)
  | { readonly op: 'remove-pool'; readonly pool: string }
  | ({ readonly op: 'put-alias' } & StoredAlias)
  | { readonly op: 'remove-alias'; readonly pool: string; readonly sender: string }
  /** Forgets the conversations of `pool` last used before `before` (epoch milliseconds). */
  | { readonly op: 'expire-conversations'; readonly pool: string; readonly before: number };

/** A member as the store keeps it. */
export interface StoredMember {
  readonly pool: string;
  /** Full JID. */
  readonly jid: string;
  readonly label: string;
  /** Position in join order; unique in its pool, grows. */
  readonly sequence: number;
  readonly priority: number;
  readonly show: 'chat' | 'online' | 'away' | 'xa' | 'dnd';
  readonly weight: number | undefined;
  /** How many messages it would hold at a time, as its presence said. */
  readonly capacity: number | undefined;
  readonly drain: boolean;
  /** `undefined` while unknown: whether this client answers XEP-0199 pings. */
  readonly pings: boolean | undefined;
  /** Epoch milliseconds of the last presence. */
  readonly seen: number;
}

/** That a pool gave `sender`'s message to `worker`: the licence to answer (design: relay rules). */
export interface StoredConversation {
  readonly pool: string;
  /** The sender's exact JID. */
  readonly sender: string;
  /** Bare JID of the worker that had the last message. */
  readonly worker: string;
  /** Epoch milliseconds of the last forward. */
  readonly at: number;
}

/** The name under which a pool's workers know `sender`: `key` says nothing about him. */
export interface StoredAlias {
  readonly pool: string;
  /** The sender's exact JID. */
  readonly sender: string;
  /** 128 random bits in lower-case base32. */
  readonly key: string;
  /** Epoch milliseconds of the last use, written at most once an hour. */
  readonly at: number;
}

/** That a label belongs to an account whose worker has left. */
export interface StoredLabel {
  readonly pool: string;
  readonly label: string;
  /** Bare JID of the worker. */
  readonly bare: string;
  /** Epoch milliseconds of the leave. */
  readonly at: number;
}

/** What an operator has decided about a worker; one of the two is said. */
export interface StoredOrder {
  readonly pool: string;
  /** Full JID. */
  readonly jid: string;
  readonly held: 'drained' | 'suspended' | undefined;
  readonly weight: number | undefined;
}

/** A pool that an operator has made while the router ran. */
export interface StoredPool {
  /** Its name. */
  readonly pool: string;
  /** As the configuration would have them, in JSON. */
  readonly settings: string;
  /** Who made it, or changed it last: a bare JID, `http` or `socket`. */
  readonly by: string;
  /** Epoch milliseconds of that. */
  readonly at: number;
}

/** A preference as the store keeps it. */
export interface StoredPreference {
  readonly pool: string;
  readonly algorithm: AlgorithmName;
  readonly replaced: AlgorithmName;
}

/** What a pool and a peer have agreed on about each other's presence (RFC 6121 section 3). */
export interface StoredSubscription {
  readonly pool: string;
  /** Bare JID, or a domain. */
  readonly peer: string;
  /** `to`: the pool sees the peer's presence. `from`: the peer sees the pool's. */
  readonly state: 'none' | 'to' | 'from' | 'both';
  /** The pool has asked to see the peer's presence, and waits for the answer. */
  readonly ask: boolean;
}

/** All durable state, read once at start. */
export interface Snapshot {
  readonly subscriptions: readonly StoredSubscription[];
  readonly preferences: readonly StoredPreference[];
  readonly members: readonly StoredMember[];
  readonly conversations: readonly StoredConversation[];
  readonly aliases: readonly StoredAlias[];
  readonly labels: readonly StoredLabel[];
  readonly orders: readonly StoredOrder[];
  readonly made: readonly StoredPool[];
  /** Of every pool that ever accepted a delivery. */
  readonly queues: readonly StoredQueue[];
}
