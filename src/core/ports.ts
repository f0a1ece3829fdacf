import type { QueueQuery, QueueRows } from './delivery-state.ts';
import type { Change } from './durable-state.ts';
import type {
  EventShares,
  IqRequestEnvelope,
  IqResponseEnvelope,
  MessageEnvelope,
  PresenceEnvelope,
  ReceivedError,
  ReceivedSubscription,
  RefusedStanza,
  Show,
} from './envelope.ts';
import type { ErrorCode } from './errors/errors.ts';
import type { Outcome } from './outcome/outcome.ts';
import type { Answer } from './requests/answer.ts';
import type { ChangedQuery, MovedTo, NodeSettings, StickyKey } from './settings.ts';
import type { Destination } from './transfer/destination.ts';
import type { TransferOrder } from './transfer/order.ts';

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
  readonly show?: Show;
  readonly priority?: number;
  /** What the sender can do, by reference (XEP-0115). */
  readonly caps?: { readonly node: string; readonly version: string };
  /** Since when it is so, in epoch milliseconds: told to who asks later (XEP-0203). */
  readonly since?: number | undefined;
  /** Required for type `error`. */
  readonly error: ErrorCode | undefined;
}

/**
 * What was written, or why not. Nothing was written unless `sent`. `too-large`: over the size
 * limit once wrapped. `congested`: the socket's buffer is full. `link-down`: no server attached.
 */
export type Sent = 'sent' | 'too-large' | 'congested' | 'link-down';

/**
 * Reads the value of an element among the children of a message, given as `MessageEnvelope.tail`;
 * `undefined` when there is none, or an empty one. Asked only by pools that are sticky by an
 * element, so that the others pay nothing for it.
 */
export type ElementReader = (tail: string, key: Extract<StickyKey, { by: 'element' }>) => string | undefined;

/** What a message of a PubSub service says (XEP-0060): of a node, or of a subscription. */
export type PubSubMessage =
  | {
      readonly about: 'node';
      readonly node: string;
      /** SHIM headers `Collection`: the nodes above, by whose subscription it came (XEP-0248). */
      readonly collections: readonly string[];
      /** SHIM headers `SubID`: the subscriptions that it came by; empty where the service has no ids. */
      readonly subids: readonly string[];
      /** The node is no more. */
      readonly deleted: boolean;
      readonly shares: (split: NodeSettings['split']) => EventShares;
    }
  | { readonly about: 'subscription'; readonly subscription: ReceivedSubscription };

/**
 * Reads a message, given as `MessageEnvelope.tail`, of a PubSub service; `undefined` when it is
 * neither an event nor about a subscription. Asked only about messages of services that a pool
 * subscribes to.
 */
export type EventReader = (tail: string) => PubSubMessage | undefined;

/** What a pool asks of a PubSub service (XEP-0060 5.6, 6.1, 6.2, 6.3), for itself and its bare JID. */
export type PubSubRequest =
  /** `after`: the page that follows this place (XEP-0059). */
  | { readonly name: 'subscriptions'; readonly node: string; readonly after: string | undefined }
  | { readonly name: 'subscribe'; readonly node: string; readonly options: NodeSettings['options'] }
  | {
      readonly name: 'options';
      readonly node: string;
      readonly subid: string | undefined;
      readonly options: NodeSettings['options'];
    }
  | { readonly name: 'unsubscribe'; readonly node: string; readonly subid: string | undefined };

/** Something an operator should hear of. `detail` holds plain values only. */
export interface Notice {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Stable name, such as `member-joined`; log lines are rate-limited by it. */
  readonly event: string;
  readonly pool: string | undefined;
  readonly text: string;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
  /** Each is written, however many there are: a record of what people with rights did. */
  readonly each?: true;
}

/** Counters of what happened beside the outcome of a stanza. */
export type EventName =
  | 'copies' // copies of one message to several workers, the first not counted
  | 'hint-obeyed'
  | 'hint-ignored'
  | 'waited-forwarded' // had been queued for verification, then forwarded
  | 'waited-bounced'
  | 'waited-dropped' // ended without an answer
  | 'id-replaced' // by one of ours
  | 'request-answered' // by a worker, and given to who asked
  | 'request-retried' // given to another worker
  | 'request-timeout' // answered with an error, because no worker answered in time
  | 'request-lost' // answered with an error, because its worker is gone and no other could be asked
  | 'ring-retried' // bounced off a worker, given to another
  | 'ring-exhausted' // bounced, and no worker was left to try
  | 'ring-evicted' // forgotten before its time, for want of room
  | 'member-joined'
  | 'member-left'
  | 'member-restored'
  | 'member-verified'
  | 'member-unverified'
  | 'member-late' // missed the deadlines of several deliveries, and is asked whether it lives
  | 'members-late' // the same, and is not asked: half of its pool is late
  | 'member-suspended'
  | 'member-lost'
  | 'member-dismissed'
  | 'session-opened' // a client uses an instance, and is told when it goes
  | 'session-ended'
  | 'session-refused' // no room to remember it
  | 'preference-changed'
  | 'alias-made'
  | 'alias-expired'
  | 'transfer-told' // a worker was told to connect elsewhere (XEP-0051)
  | 'transfer-moved'
  | 'transfer-refused'
  | 'transfer-unsupported'
  | 'transfer-silent'
  | 'transfer-stayed'
  | 'transfer-lost'
  | 'transfer-gone'
  | 'transfer-cancelled'
  | 'transfer-guarded' // a rule that has moved this worker too often
  | 'event-refused' // returned by a worker; the service that sent it is not told
  | 'event-part-dropped' // one of several parts of an event that no worker could be given
  | 'write-failed' // a membership write the store did not take
  | 'delivery-accepted' // is on disk
  | 'delivery-duplicate' // the sender sent it again
  | 'delivery-acknowledged'
  | 'delivery-returned' // to the queue, after an attempt that failed
  | 'delivery-bounced' // given up: the sender is told, and nothing kept
  | 'delivery-dead' // given up: the sender is told, and a dead letter kept
  | 'delivery-purged' // an operator took it out
  | 'delivery-redriven'
  | 'dead-letter-discarded' // after its time
  | 'attempt-timeout' // the worker did not acknowledge in time
  | 'attempt-gone' // the worker left
  | 'attempt-error' // the worker, or its server, returned it
  | 'attempt-rejected' // the worker gave it back
  | 'delivery-repeated' // given again to a pool of another domain after an attach, in the same attempt
  | 'attempt-unsent' // it could not be written, or its worker had just left
  | 'acknowledgement-late' // of what was acknowledged, or given up, before
  | 'acknowledgement-stale' // a word about an attempt that is over
  | 'acknowledgement-foreign' // by somebody who never had it, or with a wrong token
  | 'acknowledgement-unreadable';

/** What is timed of accepted messages: the wait for a first worker, and from there to the acknowledgement. */
export type Measure = 'queue-wait' | 'work';

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

/** What a worker is told of a delivery at least once (delivery.md 4.3). Times in epoch milliseconds. */
export interface Assurance {
  /** Base 32 of the delivery's id: the same over all attempts. */
  readonly stanzaId: string;
  /** `undefined` for a worker that does not know our namespace: it is told no more than any client understands. */
  readonly token: string | undefined;
  readonly attempt: number;
  /** When the attempt counts as failed, unless the worker says something. */
  readonly deadline: number;
  readonly expires: number;
  /** Since when it has waited; `undefined` when it comes at once. */
  readonly delayedSince: number | undefined;
  /** Set for a pool of another domain: it is asked to keep the message at least once, for so many milliseconds, and to say when it has it. */
  readonly passedOnFor?: number;
}

/** A message about which its sender is told something. */
export interface Returned {
  /** The sender. */
  readonly from: string;
  /** What he wrote to. */
  readonly to: string;
  /** The id that he gave it. */
  readonly id: string | undefined;
}

/** How far a message got that comes back. */
export interface Fate {
  /** How often a worker was given it. */
  readonly attempts: number;
  /** As in `Assurance`. */
  readonly stanzaId: string;
  /** What the worker said that rejected it: told in place of the condition of the table. */
  readonly error?: ReceivedError | undefined;
}

/** Where a request is redirected. */
export interface Redirection {
  readonly to: string;
  /** `undefined` when the query stays as it is. */
  readonly query: ChangedQuery | undefined;
}

/**
 * Everything the core can do to the world. Calls take effect in the order made. Nothing here
 * blocks or throws.
 */
export interface Out {
  /** Gives `message` to the worker `to`, from the proxy address `from`, with the additions of design.md ("What is kept"). */
  forward(message: MessageEnvelope, from: string, to: string, passage: Passage): Sent;
  /** As `forward`, with what a delivery at least once adds. `message.wantsReceipt` has to say whether `tail` holds a `<request/>`. */
  deliver(message: MessageEnvelope, from: string, to: string, passage: Passage, assurance: Assurance): Sent;
  /** The same as a request, which the worker answers when he is done; the answer comes back as an `iq-response` with this id. */
  deliverIq(
    message: MessageEnvelope,
    from: string,
    to: string,
    passage: Passage,
    assurance: Assurance,
    id: string,
  ): Sent;
  /** Tells the sender that his message is in the queue, from the address that he wrote to. */
  queued(message: Returned): Sent;
  /** Gives the sender the receipt that he asked for (XEP-0184). Without an id there is nothing to name, and nothing is sent. */
  receipt(message: Returned): Sent;
  /** Returns a message that was accepted: an error with how far it got, and never with its content. */
  giveBack(message: Returned, code: ErrorCode, fate: Fate): Sent;
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
  /** Answers a ping that looks for an instance (specs.md 3.2), from the instance that was found. */
  pong(ping: MessageEnvelope, from: string): Sent;
  /** Answers a get with the redirected query and its new address (JEP-0051; RFC 6120 8.3.3.14). */
  redirect(request: IqRequestEnvelope, redirection: Redirection): Sent;
  /** Answers with the new address of a pool that has moved (RFC 6120 8.3.3.5, 8.3.3.14). */
  moved(stanza: MessageEnvelope | PresenceEnvelope | IqRequestEnvelope, moved: MovedTo): Sent;
  /** Gives a request to a worker, under an id of ours. */
  ask(request: IqRequestEnvelope, from: string, to: string, id: string, passage: Passage): Sent;
  /** Gives a worker's answer to who asked: `request` as it came, `response` as the worker sent it. */
  reply(request: IqRequestEnvelope, response: IqResponseEnvelope): Sent;
  presence(presence: PresenceOut): Sent;
  /** Sends a headline of ours. */
  announce(from: string, to: string, text: string): Sent;
  /** Whether the server may send the component to `destination`: the operator lists it. */
  mayMove(destination: Destination): boolean;
  /** Connects to another server, once what the present one had for us has been read. */
  move(destination: Destination): void;
  /** XEP-0199 ping; the answer comes back as an `iq-response` with this id. */
  ping(from: string, to: string, id: string): Sent;
  /** Asks a client what it can do (disco#info), at a node or as a whole; the answer comes back as an `iq-response` with this id. */
  askInfo(from: string, to: string, id: string, node: string | undefined): Sent;
  /** Tells a client to connect elsewhere (XEP-0051); the answer comes back as an `iq-response` with this id. */
  transfer(from: string, to: string, id: string, order: TransferOrder): Sent;
  /** Asks a PubSub service something for the pool `from`; the answer comes back as an `iq-response` with this id. */
  askPubSub(from: string, to: string, id: string, request: PubSubRequest): Sent;
  /** Stores a change; `done` runs on a later turn, once it is on disk or has failed for good. */
  commit(change: Change, done?: (error: Error | undefined) => void): void;
  /** Reads deliveries, with all changes that were committed before the call; `done` runs on a later turn, with one of the two. */
  read(query: QueueQuery, done: (rows: QueueRows | undefined, error: Error | undefined) => void): void;
  /** Counts the end of one inbound stanza. `pool` is a configured name or `undefined`. */
  outcome(outcome: Outcome, pool: string | undefined): void;
  event(name: EventName, pool: string | undefined, amount?: number): void;
  /** Notes how long something took that a pool does. */
  took(what: Measure, pool: string, milliseconds: number): void;
  notice(notice: Notice): void;
}
