import type { IqRequestEnvelope, MessageEnvelope, RefusedStanza } from './envelope.ts';
import type { ErrorCode } from './errors.ts';
import type { Outcome } from './outcome.ts';
import type { AlgorithmName, StickyKey } from './settings.ts';

/** A data form of type `result` in a disco#info answer (XEP-0128). */
export interface InfoForm {
  /** Its FORM_TYPE. */
  readonly type: string;
  readonly fields: readonly { readonly name: string; readonly values: readonly string[] }[];
}

/** One item of a disco#items answer. */
export interface DiscoItem {
  readonly jid: string;
  readonly node?: string;
  readonly name: string;
}

/** Which part of a longer list an answer holds (XEP-0059). `first` is absent when it holds nothing. */
export interface PageInfo {
  readonly first: { readonly id: string; readonly index: number } | undefined;
  readonly last: string | undefined;
  readonly count: number;
}

/** What the router tells about itself in a disco#info answer (XEP-0030). */
export interface DiscoInfo {
  readonly node: string | undefined;
  readonly identities: readonly { readonly category: string; readonly type: string; readonly name: string }[];
  readonly features: readonly string[];
  readonly forms: readonly InfoForm[];
}

/** Computes the version string of XEP-0115 section 5.1 from a disco#info answer, whatever its node. */
export type CapsVersion = (info: Omit<DiscoInfo, 'node'>) => string;

/** The result of an IQ, free of XML. */
export type Answer =
  | { readonly name: 'empty' }
  | { readonly name: 'version'; readonly title: string; readonly version: string }
  | ({ readonly name: 'disco-info' } & DiscoInfo)
  | {
      readonly name: 'disco-items';
      readonly node: string | undefined;
      readonly items: readonly DiscoItem[];
      readonly page: PageInfo | undefined;
    }
  | { readonly name: 'last'; readonly seconds: number }
  /** `now` in epoch milliseconds. */
  | { readonly name: 'time'; readonly now: number }
  /** `active` is absent for the service's domain (XEP-0354, example 11). URNs. */
  | { readonly name: 'cmr'; readonly active: string | undefined; readonly available: readonly string[] };

/** A presence that the router sends. `status` is text for people. */
export interface PresenceOut {
  readonly from: string;
  readonly to: string;
  readonly id: string | undefined;
  readonly type:
    | 'available'
    | 'unavailable'
    | 'subscribe'
    | 'subscribed'
    | 'unsubscribe'
    | 'unsubscribed'
    | 'probe'
    | 'error';
  readonly status: string | undefined;
  /** What the sender can do, by reference (XEP-0115). */
  readonly caps?: { readonly node: string; readonly version: string };
  /** Required for type `error`. */
  readonly error: ErrorCode | undefined;
}

/**
 * What was written, or why not. Nothing was written unless `sent`. `too-large`: over the size
 * limit once wrapped. `congested`: the socket's buffer is full. `link-down`: no server attached.
 */
export type Sent = 'sent' | 'too-large' | 'congested' | 'link-down';

/** A change to the durable state. The store applies them in the order given. */
export type Change =
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
}

/**
 * Reads the value of an element among the children of a message, given as `MessageEnvelope.tail`;
 * `undefined` when there is none, or an empty one. Asked only by pools that are sticky by an
 * element, so that the others pay nothing for it.
 */
export type ElementReader = (tail: string, key: Extract<StickyKey, { by: 'element' }>) => string | undefined;

/** Something an operator should hear of. `detail` holds plain values only. */
export interface Notice {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Stable name, such as `member-joined`; log lines are rate-limited by it. */
  readonly event: string;
  readonly pool: string | undefined;
  readonly text: string;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}

/** Counters of what happened beside the outcome of a stanza. */
export type EventName =
  | 'copies' // copies of one message to several workers, the first not counted
  | 'hint-obeyed'
  | 'hint-ignored'
  | 'waited-forwarded' // had been queued for verification, then forwarded
  | 'waited-bounced'
  | 'id-replaced' // by one of ours
  | 'ring-retried' // bounced off a worker, given to another
  | 'ring-exhausted' // bounced, and no worker was left to try
  | 'ring-evicted' // forgotten before its time, for want of room
  | 'member-joined'
  | 'member-left'
  | 'member-restored'
  | 'member-verified'
  | 'member-unverified'
  | 'member-suspended'
  | 'member-lost'
  | 'member-dismissed'
  | 'preference-changed'
  | 'alias-made'
  | 'alias-expired'
  | 'write-failed'; // a membership write the store did not take

/** That children which name the message `from` (`refersTo`, `receipt`) shall name `to`. */
export interface Renaming {
  readonly from: string;
  readonly to: string;
}

/** The pool that a message passes through, as its worker gets to know it. */
export interface Passage {
  /** The pool's bare JID. */
  readonly jid: string;
  /** Whether the sender's JID may appear nowhere in what the worker gets. */
  readonly hidesSenders: boolean;
}

/**
 * Everything the core can do to the world. Calls take effect in the order made. Nothing here
 * blocks or throws.
 */
export interface Out {
  /** Gives `message` to the worker `to`, from the proxy address `from`, with the additions of design.md ("What is kept"). */
  forward(message: MessageEnvelope, from: string, to: string, passage: Passage): Sent;
  /** Passes a message on with other addresses and nothing added; `renaming` changes what it refers to. */
  relay(message: MessageEnvelope, from: string, to: string, renaming?: Renaming): Sent;
  /** Passes on the condition and type of a message of type `error`, and nothing else that it holds. */
  report(error: MessageEnvelope, from: string, to: string): Sent;
  /**
   * Answers a message, a request or an unreadable stanza with an error, from the address it was sent to.
   * @param retryAfter Seconds after which to come back, said in the text of the error.
   */
  bounce(stanza: MessageEnvelope | IqRequestEnvelope | RefusedStanza, code: ErrorCode, retryAfter?: number): Sent;
  answer(request: IqRequestEnvelope, answer: Answer): Sent;
  presence(presence: PresenceOut): Sent;
  /** XEP-0199 ping; the answer comes back as an `iq-response` with this id. */
  ping(from: string, to: string, id: string): Sent;
  /** Asks a client what it can do (disco#info); the answer comes back as an `iq-response` with this id. */
  askInfo(from: string, to: string, id: string, node: string): Sent;
  /** Stores a change; `done` runs on a later turn, once it is on disk or has failed for good. */
  commit(change: Change, done?: (error: Error | undefined) => void): void;
  /** Counts the end of one inbound stanza. `pool` is a configured name or `undefined`. */
  outcome(outcome: Outcome, pool: string | undefined): void;
  event(name: EventName, pool: string | undefined, amount?: number): void;
  notice(notice: Notice): void;
}
