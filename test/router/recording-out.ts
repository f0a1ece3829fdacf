import type { QueueQuery, QueueRows } from '../../src/core/delivery-state.ts';
import type { Change } from '../../src/core/durable-state.ts';
import type {
  IqRequestEnvelope,
  IqResponseEnvelope,
  MessageEnvelope,
  PresenceEnvelope,
  RefusedStanza,
} from '../../src/core/envelope.ts';
import type { ErrorCode } from '../../src/core/errors/errors.ts';
import type { Outcome } from '../../src/core/outcome/outcome.ts';
import type {
  Assurance,
  EventName,
  Fate,
  Measure,
  Notice,
  Out,
  Passage,
  PresenceOut,
  PubSubRequest,
  Redirection,
  Renaming,
  Returned,
  Sent,
} from '../../src/core/ports.ts';
import type { Answer } from '../../src/core/requests/answer.ts';
import type { MovedTo } from '../../src/core/settings.ts';
import { type Destination, formatDestination } from '../../src/core/transfer/destination.ts';
import type { TransferOrder } from '../../src/core/transfer/order.ts';

/** One call that wrote a stanza. */
export type Written =
  | {
      readonly call: 'forward';
      readonly message: MessageEnvelope;
      readonly from: string;
      readonly to: string;
      /** Set when the pool hides its senders. */
      readonly hides?: true;
    }
  | {
      readonly call: 'deliver' | 'deliver-iq';
      readonly message: MessageEnvelope;
      readonly from: string;
      readonly to: string;
      readonly assurance: Assurance;
      /** Of the request. */
      readonly id?: string;
      readonly hides?: true;
    }
  | { readonly call: 'queued' | 'receipt'; readonly message: Returned }
  | { readonly call: 'give-back'; readonly message: Returned; readonly code: ErrorCode; readonly fate: Fate }
  | {
      readonly call: 'relay' | 'report';
      readonly message: MessageEnvelope;
      readonly from: string;
      readonly to: string;
      readonly renaming?: Renaming;
    }
  | {
      readonly call: 'bounce';
      readonly stanza: MessageEnvelope | IqRequestEnvelope | RefusedStanza;
      readonly code: ErrorCode;
      readonly retryAfter?: number;
    }
  | { readonly call: 'answer'; readonly request: IqRequestEnvelope; readonly answer: Answer }
  | { readonly call: 'pong'; readonly ping: MessageEnvelope; readonly from: string }
  | { readonly call: 'redirect'; readonly request: IqRequestEnvelope; readonly redirection: Redirection }
  | {
      readonly call: 'moved';
      readonly stanza: MessageEnvelope | PresenceEnvelope | IqRequestEnvelope;
      readonly moved: MovedTo;
    }
  | {
      readonly call: 'ask';
      readonly request: IqRequestEnvelope;
      readonly from: string;
      readonly to: string;
      readonly id: string;
      readonly hides?: true;
    }
  | { readonly call: 'reply'; readonly request: IqRequestEnvelope; readonly response: IqResponseEnvelope }
  | { readonly call: 'presence'; readonly presence: PresenceOut }
  | { readonly call: 'announce'; readonly from: string; readonly to: string; readonly text: string }
  | { readonly call: 'ping'; readonly from: string; readonly to: string; readonly id: string }
  | {
      readonly call: 'ask-info';
      readonly from: string;
      readonly to: string;
      readonly id: string;
      readonly node: string | undefined;
    }
  | {
      readonly call: 'transfer';
      readonly from: string;
      readonly to: string;
      readonly id: string;
      readonly order: TransferOrder;
    }
  | {
      readonly call: 'ask-pubsub';
      readonly from: string;
      readonly to: string;
      readonly id: string;
      readonly request: PubSubRequest;
    };

interface Commit {
  readonly change: Change;
  readonly done: ((error: Error | undefined) => void) | undefined;
}

interface Read {
  readonly query: QueueQuery;
  readonly done: (rows: QueueRows | undefined, error: Error | undefined) => void;
}

/** An `Out` that keeps what the core did, for tests to look at. */
export class RecordingOut implements Out {
  readonly written: Written[] = [];
  readonly commits: Commit[] = [];
  /** What was asked of the store; a test answers by calling `done`. */
  readonly reads: Read[] = [];
  /** Commits and reads in order, for a test that plays the store: it takes from the front. */
  readonly asked: (Commit | Read)[] = [];
  readonly outcomes: { readonly outcome: Outcome; readonly pool: string | undefined }[] = [];
  readonly events = new Map<EventName, number>();
  readonly notices: Notice[] = [];
  readonly times: { readonly what: Measure; readonly pool: string; readonly milliseconds: number }[] = [];
  /** What every write answers. */
  sent: Sent = 'sent';

  forward(message: MessageEnvelope, from: string, to: string, passage: Passage): Sent {
    return this.#write({ call: 'forward', message, from, to, ...(passage.hidesSenders ? { hides: true } : {}) });
  }

  deliver(message: MessageEnvelope, from: string, to: string, passage: Passage, assurance: Assurance): Sent {
    const hides = passage.hidesSenders ? { hides: true as const } : {};
    return this.#write({ call: 'deliver', message, from, to, assurance, ...hides });
  }

  deliverIq(
    message: MessageEnvelope,
    from: string,
    to: string,
    passage: Passage,
    assurance: Assurance,
    id: string,
  ): Sent {
    const hides = passage.hidesSenders ? { hides: true as const } : {};
    return this.#write({ call: 'deliver-iq', message, from, to, assurance, id, ...hides });
  }

  queued(message: Returned): Sent {
    return this.#write({ call: 'queued', message });
  }

  receipt(message: Returned): Sent {
    return this.#write({ call: 'receipt', message });
  }

  giveBack(message: Returned, code: ErrorCode, fate: Fate): Sent {
    return this.#write({ call: 'give-back', message, code, fate });
  }

  relay(message: MessageEnvelope, from: string, to: string, renaming?: Renaming): Sent {
    return this.#write({ call: 'relay', message, from, to, ...(renaming === undefined ? {} : { renaming }) });
  }

  report(error: MessageEnvelope, from: string, to: string): Sent {
    return this.#write({ call: 'report', message: error, from, to });
  }

  bounce(stanza: MessageEnvelope | IqRequestEnvelope | RefusedStanza, code: ErrorCode, retryAfter?: number): Sent {
    return this.#write({ call: 'bounce', stanza, code, ...(retryAfter === undefined ? {} : { retryAfter }) });
  }

  answer(request: IqRequestEnvelope, answer: Answer): Sent {
    return this.#write({ call: 'answer', request, answer });
  }

  pong(ping: MessageEnvelope, from: string): Sent {
    return this.#write({ call: 'pong', ping, from });
  }

  redirect(request: IqRequestEnvelope, redirection: Redirection): Sent {
    return this.#write({ call: 'redirect', request, redirection });
  }

  moved(stanza: MessageEnvelope | PresenceEnvelope | IqRequestEnvelope, moved: MovedTo): Sent {
    return this.#write({ call: 'moved', stanza, moved });
  }

  ask(request: IqRequestEnvelope, from: string, to: string, id: string, passage: Passage): Sent {
    return this.#write({ call: 'ask', request, from, to, id, ...(passage.hidesSenders ? { hides: true } : {}) });
  }

  reply(request: IqRequestEnvelope, response: IqResponseEnvelope): Sent {
    return this.#write({ call: 'reply', request, response });
  }

  presence(presence: PresenceOut): Sent {
    return this.#write({ call: 'presence', presence });
  }

  /** Where the component may be sent, and where it was sent. */
  readonly listed: string[] = [];
  readonly moves: string[] = [];

  mayMove(destination: Destination): boolean {
    return this.listed.includes(formatDestination(destination));
  }

  move(destination: Destination): void {
    this.moves.push(formatDestination(destination));
  }

  announce(from: string, to: string, text: string): Sent {
    return this.#write({ call: 'announce', from, to, text });
  }

  ping(from: string, to: string, id: string): Sent {
    return this.#write({ call: 'ping', from, to, id });
  }

  askInfo(from: string, to: string, id: string, node: string | undefined): Sent {
    return this.#write({ call: 'ask-info', from, to, id, node });
  }

  transfer(from: string, to: string, id: string, order: TransferOrder): Sent {
    return this.#write({ call: 'transfer', from, to, id, order });
  }

  askPubSub(from: string, to: string, id: string, request: PubSubRequest): Sent {
    return this.#write({ call: 'ask-pubsub', from, to, id, request });
  }

  commit(change: Change, done?: (error: Error | undefined) => void): void {
    this.commits.push({ change, done });
    this.asked.push({ change, done });
  }

  read(query: QueueQuery, done: Read['done']): void {
    this.reads.push({ query, done });
    this.asked.push({ query, done });
  }

  outcome(outcome: Outcome, pool: string | undefined): void {
    this.outcomes.push({ outcome, pool });
  }

  took(what: Measure, pool: string, milliseconds: number): void {
    this.times.push({ what, pool, milliseconds });
  }

  event(name: EventName, _pool: string | undefined, amount = 1): void {
    this.events.set(name, (this.events.get(name) ?? 0) + amount);
  }

  notice(notice: Notice): void {
    this.notices.push(notice);
  }

  /** Reports every commit so far, as the store does on a later turn. */
  settle(error?: Error): void {
    for (const { done } of this.commits.splice(0)) done?.(error);
  }

  /** What was written since the last call. */
  take(): Written[] {
    return this.written.splice(0);
  }

  #write(written: Written): Sent {
    if (this.sent === 'sent') this.written.push(written);
    return this.sent;
  }
}
