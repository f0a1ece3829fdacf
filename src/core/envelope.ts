import type { Filled } from './adhoc/form.ts';
import type { Destination } from './transfer/destination.ts';
import type { TransferOrder } from './transfer/order.ts';

/**
 * What the router decides on: one value for each inbound stanza, free of XML.
 * `xmpp/codec` and `xmpp/protocols` make them; the core never sees a parser.
 */

/** Message types of RFC 6121 5.2.2; a missing or unknown type counts as `normal`. */
export type MessageType = 'normal' | 'chat' | 'headline' | 'groupchat' | 'error';

/** Error types of RFC 6120 8.3.2. */
export type ErrorType = 'auth' | 'cancel' | 'continue' | 'modify' | 'wait';

/** The error that an inbound stanza of type `error` carries (RFC 6120 8.3.2). */
export interface ReceivedError {
  /** Defined condition, such as `service-unavailable`; `undefined-condition` when none is given. */
  readonly condition: string;
  readonly type: ErrorType;
  /** Who says so (RFC 6120 8.3.2), where the error tells. */
  readonly by?: string;
  /** The condition of XEP-0060 (`http://jabber.org/protocol/pubsub#errors`) beside it, such as `closed-node`. */
  readonly pubsub?: string;
}

/** What a sender asks of the delivery of one message: `<deliver/>` of `urn:x-switchyard:delivery:0`. */
export interface DeliveryTerms {
  readonly guarantee: 'plain' | 'at-least-once' | undefined;
  /** Milliseconds, more than 0 and at most 365 days. */
  readonly ttl: number | undefined;
  /** Wants to be told when the message is in the queue. */
  readonly queued: boolean;
  /** By what the message is known when it comes again, in place of an origin-id; as pools give it that pass messages on. */
  readonly id?: string;
  /** What is wrong with it, in words: the message is refused. */
  readonly problem: string | undefined;
}

/** What a worker says of one delivery of his, by the token that it came with; times in milliseconds. */
export type DeliveryControl =
  | { readonly do: 'ack'; readonly token: string }
  | {
      readonly do: 'nack';
      readonly token: string;
      /** Whether another worker shall have it. */
      readonly requeue: boolean;
      /** Not before so much time has passed; at most a day. */
      readonly delay: number | undefined;
      /** Why, for the sender, where the worker says it (RFC 6120 8.3.2). */
      readonly error: ReceivedError | undefined;
    }
  /** From 1 s to a day. */
  | { readonly do: 'extend'; readonly token: string; readonly by: number }
  /** Of a pool of another domain: the message that went out as `id` is on its disk. */
  | { readonly do: 'queued'; readonly id: string }
  | { readonly do: 'unreadable'; readonly problem: string };

/** One inbound message. */
export interface MessageEnvelope {
  readonly kind: 'message';
  readonly type: MessageType;
  /** The `type` that the sender wrote, where it is one of the five: written again as it was sent. */
  readonly typeAttr?: MessageType | undefined;
  /** Full or bare JID, or a bare domain, as the server wrote it (XML entities resolved). */
  readonly from: string;
  readonly to: string;
  /** `undefined` when the sender gave none; never an empty string. */
  readonly id: string | undefined;
  /** `xml:lang` of the stanza itself. */
  readonly lang: string | undefined;
  /** `algorithm` of the routing hint `<cmr/>` (XEP-0354 section 3.4), `''` when it has no attribute. */
  readonly hint: string | undefined;
  readonly thread: string | undefined;
  /** XEP-0359 `<origin-id/>`. */
  readonly originId: string | undefined;
  /** `id` of an XEP-0184 `<received/>`. */
  readonly receipt: string | undefined;
  /**
   * `id` of the message that this one is about: corrected, retracted, reacted or replied to (XEP-0308,
   * 0424, 0444, 0461), or, in a signal, acknowledged by a receipt or marker (XEP-0184, 0333).
   */
  readonly refersTo: string | undefined;
  /**
   * The pools that this message has passed, theirs and ours, as its `<hop/>` elements and its `ofrom`
   * say, `''` for one without a name; `undefined` for none, and for what goes on without a `<hop/>`. Whoever sends it may have invented them, to the harm of nothing but his own message.
   */
  readonly hops?: readonly string[] | undefined;
  /**
   * The message looks for an instance, or answers for one: a `<ping/>` or `<pong/>` of DIX
   * (specs.md 3.2) is all that it holds beside hints.
   */
  readonly instance?: 'ping' | 'pong' | undefined;
  /** The sender asks for a receipt (XEP-0184): one `<request/>` stands in `tail`. Absent otherwise, as are the next three. */
  readonly wantsReceipt?: boolean;
  /** What `<deliver/>` of ours says, which is cut out. Not set for type `error`, nor are the next two. */
  readonly terms?: DeliveryTerms | undefined;
  /** When an expire-at rule of XEP-0079 wants it no longer delivered, in epoch milliseconds; its `<amp/>` stays in `tail`. */
  readonly expireAt?: number | undefined;
  /** `<ack/>`, `<nack/>`, `<extend/>` and `<queued/>` of ours, which are cut out: at most 100, and a problem in place of the rest. */
  readonly controls?: readonly DeliveryControl[] | undefined;
  /** Only chat states, receipts, markers, hints and what a worker says of his deliveries: never counted as work. */
  readonly signal: boolean;
  /**
   * No server takes it for instant messaging and copies it to other clients of its account (XEP-0280
   * section 6.1): it is not of type `chat`, and all that it holds is of namespaces that are not XMPP's.
   */
  readonly machine?: boolean;
  /** Set for type `error` only. */
  readonly error: ReceivedError | undefined;
  /**
   * The children as XML text, ready to stand in a stanza of ours: control elements are cut
   * out, and prefixes that were declared on the stanza are declared on the children. Whoever keeps
   * it, or any other string of the envelope, keeps the text of this stanza alive and nothing else.
   */
  readonly tail: string;
  /** Length of the stanza as received, in UTF-16 code units. */
  readonly size: number;
  /** Set by the core once it knows the message for an event of a node that the pool subscribes to. */
  readonly event?: EventShares;
}

/**
 * Who gets what of a PubSub event (XEP-0060 section 7): texts like `MessageEnvelope.tail`. An event
 * is never answered with an error, and no rate applies to it.
 */
export interface EventShares {
  /** Each for one worker. */
  readonly one: readonly string[];
  /** For every worker. */
  readonly all: string | undefined;
}

/** `show` of RFC 6121 4.7.2.1; `online` when absent or unknown. */
export type Show = 'chat' | 'online' | 'away' | 'xa' | 'dnd';

export type PresenceType =
  | 'available'
  | 'unavailable'
  | 'subscribe'
  | 'subscribed'
  | 'unsubscribe'
  | 'unsubscribed'
  | 'probe'
  | 'error'
  | 'invalid';

/** What a worker may ask for in its join presence (`<x xmlns='urn:x-switchyard:worker:0'/>`, XEP-0142). */
export interface WorkerWish {
  /** 1 to 1000. */
  readonly weight: number | undefined;
  /** How many messages it would hold at a time, 1 to 10 000. */
  readonly capacity: number | undefined;
  readonly label: string | undefined;
  /** The server that it is connected to. */
  readonly server?: Destination | undefined;
  /** Takes nothing new while true. */
  readonly drain: boolean;
  /** What was wrong with the element, in words, or `undefined`. A wrong part is ignored and told. */
  readonly problem: string | undefined;
}

/** One inbound presence. */
export interface PresenceEnvelope {
  readonly kind: 'presence';
  readonly type: PresenceType;
  readonly from: string;
  readonly to: string;
  readonly id: string | undefined;
  readonly show: Show;
  /** -128 to 127 (clamped), 0 when absent or not a number (RFC 6121 4.7.2.3). */
  readonly priority: number;
  /** A multi-user chat join, `<x xmlns='http://jabber.org/protocol/muc'/>`. */
  readonly muc: boolean;
  readonly wish: WorkerWish | undefined;
  /** What its client can do, by reference (XEP-0115, SHA-1 only). */
  readonly caps?: { readonly node: string; readonly version: string } | undefined;
  /** Set for type `error` only. */
  readonly error?: ReceivedError | undefined;
}

/** Which part of a long list is asked for (XEP-0059). */
export interface PageRequest {
  /** Most items wanted; `undefined` for as many as we like to give. */
  readonly max: number | undefined;
  /** The page that follows this item. */
  readonly after: string | undefined;
  /** The page that ends before this item; `''` for the last page. */
  readonly before: string | undefined;
  /** The page that begins at this place, counted from 0. */
  readonly index: number | undefined;
}

/** What an IQ asks of us. */
export type IqRequest =
  | { readonly name: 'ping' }
  | { readonly name: 'version' }
  | { readonly name: 'disco-info'; readonly node: string | undefined }
  | {
      readonly name: 'disco-items';
      readonly node: string | undefined;
      readonly page: PageRequest | 'malformed' | undefined;
    }
  | { readonly name: 'last' }
  | { readonly name: 'time' }
  | { readonly name: 'cmr-query' }
  /** `algorithm` is `''` when the attribute is missing. */
  | { readonly name: 'cmr-set'; readonly algorithm: string }
  /** A stage of an ad-hoc command (XEP-0050): what was written, whatever it may be. */
  | {
      readonly name: 'command';
      readonly node: string | undefined;
      readonly session: string | undefined;
      /** `execute` where there is none. */
      readonly action: string;
      /** `malformed` for a form that is none, or that nobody has filled in. */
      readonly form: Filled | 'malformed' | undefined;
    }
  /** Somebody wants us to connect elsewhere (XEP-0051); `undefined` when it says nothing that could be followed. */
  | { readonly name: 'transfer'; readonly order: TransferOrder | undefined }
  /** A known namespace with an element, or a type of IQ, that it does not have. */
  | { readonly name: 'wrong-element'; readonly namespace: string }
  | { readonly name: 'unknown'; readonly namespace: string }
  /** Not exactly one child, no id, or a type that is none. */
  | { readonly name: 'malformed'; readonly problem: string };

/** An inbound IQ get or set (or one whose type is neither of the four: `malformed`). */
export interface IqRequestEnvelope {
  readonly kind: 'iq-request';
  readonly type: 'get' | 'set';
  readonly from: string;
  readonly to: string;
  readonly id: string | undefined;
  readonly request: IqRequest;
  /** The payload as XML text: sent back with an error when it is short enough, and passed on whole. */
  readonly payload: string;
  /** `xml:lang` of the stanza itself. */
  readonly lang?: string | undefined;
  /** All other attributes, as XML text that begins with a space: a redirected query keeps them (JEP-0051, rule 6). */
  readonly attributes?: string | undefined;
}

/** An inbound IQ result or error: the answer to a request of ours, or nobody's. */
export interface IqResponseEnvelope {
  readonly kind: 'iq-response';
  readonly from: string;
  readonly to: string;
  readonly id: string | undefined;
  /** `undefined` for a result. */
  readonly error: ReceivedError | undefined;
  /** Set for a result of disco#info. */
  readonly info?: ReceivedInfo | undefined;
  /** The children as XML text, for who asked; `undefined` for none. */
  readonly payload?: string | undefined;
  /** `xml:lang` of the stanza itself. */
  readonly lang?: string | undefined;
  /** Set for a result of XEP-0060 that tells of subscriptions. */
  readonly subscriptions?: ReceivedSubscriptions | undefined;
}

/** What a PubSub service says of one subscription (XEP-0060 4.2). */
export interface ReceivedSubscription {
  /** The attributes, as far as they are there. */
  readonly node: string | undefined;
  readonly jid: string | undefined;
  readonly subid: string | undefined;
  /** `unconfigured` only while no event will come before the options are set (6.1.5). */
  readonly state: 'none' | 'pending' | 'subscribed' | 'unconfigured';
}

/** Subscriptions in an answer of a PubSub service. */
export interface ReceivedSubscriptions {
  readonly list: readonly ReceivedSubscription[];
  /** The list goes on after this place (XEP-0059); `undefined` at its end. */
  readonly more: string | undefined;
}

/** What a peer says that it can do (XEP-0030). */
export interface ReceivedInfo {
  /** The version that this answer has, computed from it (XEP-0115). */
  readonly version: string;
  readonly features: readonly string[];
}

/** A stanza that could not become an envelope, with as much of its head as was readable. */
export interface RefusedStanza {
  readonly kind: 'refused';
  readonly stanza: 'message' | 'presence' | 'iq' | 'other';
  readonly type: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly id: string | undefined;
  /** `too-large`: over the size limit. `too-deep`: over the depth limit. `unknown-element`: no stanza of ours. `no-address`: from or to missing. */
  readonly why: 'too-large' | 'too-deep' | 'unknown-element' | 'no-address';
}

export type Inbound = MessageEnvelope | PresenceEnvelope | IqRequestEnvelope | IqResponseEnvelope | RefusedStanza;
