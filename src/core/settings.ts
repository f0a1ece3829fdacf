import type { ProxyPlace } from './address/address.ts';
import type { TransferSettings } from './transfer/settings.ts';

/**
 * What the operator decided, validated and frozen. `config/` makes it; times are milliseconds,
 * sizes are bytes, JIDs and patterns are prepared (RFC 7622).
 */

/** Algorithms a pool can run, by their short names. The URN stands in `core/select/table.ts`. */
export type AlgorithmName = 'all' | 'mostactive' | 'roundrobin' | 'weighted' | 'leastbusy' | 'sticky';

/**
 * What `sticky` goes by: the sender's bare JID, the thread, or a child element of the message, its
 * text or one of its attributes. What has no such key goes by the sender.
 */
export type StickyKey =
  | { readonly by: 'from' }
  | { readonly by: 'thread' }
  | {
      readonly by: 'element';
      readonly namespace: string;
      readonly name: string;
      /** `undefined` for the text of the element. */
      readonly attribute: string | undefined;
    };

/** `count` in `period` milliseconds on average, `burst` at once. */
export interface Rate {
  readonly count: number;
  readonly period: number;
  readonly burst: number;
}

/** Rates of messages; `undefined` for none. */
export interface RateSettings {
  /** By the sender's bare JID. */
  readonly perSender: Rate | undefined;
  /** By the sender's domain. */
  readonly perDomain: Rate | undefined;
  /** What one worker may have passed on to senders. */
  readonly perWorker: Rate | undefined;
}

/** Who may change a pool's algorithm by XEP-0354. */
export type CmrSetters = 'workers' | 'admins' | 'nobody';

/** What becomes of a headline: to `all` available workers, by the `algorithm`, or refused. */
export type HeadlinePolicy = 'all' | 'algorithm' | 'reject';

/** What everybody who may know of the pool is told of its state: nothing, or how many work and wait. */
export type Publish = 'none' | 'counts';

/** Kinds of contact addresses (XEP-0157 and its registry), without `-addresses`. */
export type ContactKind = 'abuse' | 'admin' | 'feedback' | 'sales' | 'security' | 'status' | 'support';

/** How a worker joins: by presence sent to the pool, by subscription, or by either. */
export type JoinMode = 'presence' | 'subscription' | 'both';

/** What senders are told of what the workers can do: what all can, what any can, or nothing. */
export type WorkerFeatures = 'common' | 'union' | 'none';

/** Whether workers are told who a sender is, or only an alias that says nothing. */
export type Identity = 'real' | 'alias';

/** What becomes of requests (IQs) that a pool does not answer itself. */
export type RequestMode = 'reject' | 'redirect' | 'proxy';

/** What is different in a redirected query: its namespace, and attributes of its element. */
export interface ChangedQuery {
  /** `undefined` for that of the original. */
  readonly namespace: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Where requests of one namespace are redirected, whatever the algorithm says (JEP-0051, rule 7). */
export interface RedirectRule {
  readonly namespace: string;
  /** A pool's address, or any other JID. */
  readonly to: string;
  /** `undefined` when the query stays as it is. */
  readonly query: ChangedQuery | undefined;
  /** Access patterns: whose clients read a redirect whose query is changed. */
  readonly understoodBy: readonly string[];
}

/** What a pool does with requests. */
export interface RequestSettings {
  readonly mode: RequestMode;
  /** Of the payloads; `*` for all that may be passed on. */
  readonly namespaces: readonly string[];
  /** How long a worker may take to answer, in milliseconds. */
  readonly timeout: number;
  readonly redirects: readonly RedirectRule[];
}

/** That a pool is to be found elsewhere. */
export interface MovedTo {
  /** The new address. */
  readonly to: string;
  /** For good (RFC 6120 8.3.3.5), or for now (8.3.3.14). */
  readonly permanent: boolean;
}

/** A PubSub node (XEP-0060) that a pool subscribes to. */
export interface NodeSettings {
  /** JID of the service, or of the account whose node it is; bare. */
  readonly service: string;
  readonly node: string;
  /** Options of the subscription (XEP-0060 6.3), by the full name of the field; empty for those of the service. */
  readonly options: Readonly<Record<string, readonly string[]>>;
  /** What one worker gets: a whole event, or one item of it. */
  readonly split: 'event' | 'item';
}

/** Guarantees of a delivery. */
export type Guarantee = 'plain' | 'at-least-once';

/** What a durable pool promises, and to whom it gives how much (delivery.md 4, 5). Times in ms, sizes in bytes. */
export interface DeliverySettings {
  readonly guarantee: Guarantee;
  /** What senders may ask for with one message: a shorter life, or another guarantee. */
  readonly hints: readonly ('ttl' | Guarantee)[];
  /** What counts as an acknowledgement (delivery.md 4.2). */
  readonly ack: 'auto' | 'receipt' | 'processed' | 'iq';
  /** How long a worker may take to acknowledge. */
  readonly ackTimeout: number;
  /** Attempts after which a message is given up. */
  readonly maxAttempts: number;
  /** How long a message lives that nobody acknowledges. */
  readonly ttl: number;
  /** Pauses between attempts. */
  readonly backoff: { readonly min: number; readonly max: number };
  /** Messages that one worker holds at a time, unless its presence says another number. */
  readonly capacity: number;
  readonly queue: {
    /** Most open messages. */
    readonly maxMessages: number;
    /** Most that these take. */
    readonly maxBytes: number;
    /** The share of either that one account may have, 0 to 1. */
    readonly perSender: number;
    /** What becomes of a message beyond it. */
    readonly overflow: 'reject' | 'dead-letter-oldest';
  };
  /** What is delivered in order. */
  readonly ordering: 'none' | 'sender' | 'thread';
  /** How long a message is recognised that is sent again; 0 for not at all. */
  readonly dedupeWindow: number;
  /** How long dead letters are kept; 0: none are. */
  readonly deadLetters: number;
}

/** A pool of another domain that is a member by configuration (docs/spreading.md). */
export interface StaticMember {
  /** Its bare JID. */
  readonly jid: string;
  readonly weight: number;
  /** `undefined` for one made from its domain. */
  readonly label: string | undefined;
  /** Messages that it may have, and has not put on its own disk yet. */
  readonly capacity: number;
}

export interface PoolSettings {
  /** Localpart of the pool's address. */
  readonly name: string;
  /** For people; shown by service discovery. */
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly algorithm: AlgorithmName;
  /** What clients may choose among; holds `all` or `mostactive` (XEP-0354 section 5). */
  readonly offer: readonly AlgorithmName[];
  /** Access patterns: who may join. */
  readonly workers: readonly string[];
  /** Pools of other domains that get messages as workers do. */
  readonly members: readonly StaticMember[];
  /** Access patterns: who may send. */
  readonly senders: readonly string[];
  /** Access patterns: who may manage. */
  readonly owners: readonly string[];
  readonly join: JoinMode;
  /** What senders are told of what the workers can do. */
  readonly features: WorkerFeatures;

  readonly identity: Identity;
  /** Where the address that stands for a sender carries him. */
  readonly proxy: ProxyPlace;
  /** A member's message to its own pool: refused, or given to the other members. */
  readonly memberMessages: 'reject' | 'route';
  /** Weight by access pattern; wins over priority, loses to nothing but the join presence. */
  readonly weights: Readonly<Record<string, number>>;
  readonly stickyKey: StickyKey;
  /** At-least-once: a key moves only while its worker has more than so much of its fair share; `undefined` for never. */
  readonly stickyBound: number | undefined;
  readonly rate: RateSettings;
  /** How long a forward counts as in flight when nothing answers it. */
  readonly workWindow: number;
  readonly cmrSet: CmrSetters;
  /** Hints that senders may give; empty for none. */
  readonly cmrHints: readonly AlgorithmName[];
  readonly headline: HeadlinePolicy;
  /** Most copies of one message. */
  readonly fanoutMax: number;
  /** Whether a message that bounces off a worker goes to another; with `none` no message is kept for it. */
  readonly plainRetry: 'bounce' | 'none';
  /** How long a worker may answer a sender after a message of his was forwarded. */
  readonly replyWindow: number;
  readonly publish: Publish;
  readonly requests: RequestSettings;
  /** `undefined` for a pool that is here. */
  readonly moved: MovedTo | undefined;
  /** Nodes whose events the workers share. */
  readonly pubsub: readonly NodeSettings[];
  readonly delivery: DeliverySettings;
}

export interface ServiceSettings {
  /** The component's domain, prepared. */
  readonly domain: string;
  /** Name of the service for people. */
  readonly title: string;
  /** Access patterns of the service's administrators. */
  readonly admins: readonly string[];
  /** URIs by kind, for people who look for the operator. */
  readonly contacts: Readonly<Record<ContactKind, readonly string[]>>;
  readonly pools: readonly PoolSettings[];
  /** How long a member that could not be verified stays as a last resort. */
  readonly memberGrace: number;
  /** Bound on what the router holds for later, in bytes. */
  readonly memory: number;
  readonly transfers: TransferSettings;
  /** Version that `jabber:iq:version` answers with. */
  readonly version: string;
}
