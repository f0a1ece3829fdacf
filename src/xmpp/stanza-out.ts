import type {
  IqRequestEnvelope,
  IqResponseEnvelope,
  MessageEnvelope,
  PresenceEnvelope,
  RefusedStanza,
} from '../core/envelope.ts';
import type { ErrorCode } from '../core/errors/errors.ts';
import type {
  Assurance,
  Fate,
  Out,
  Passage,
  PresenceOut,
  PubSubRequest,
  Redirection,
  Renaming,
  Returned,
  Sent,
} from '../core/ports.ts';
import type { Answer } from '../core/requests/answer.ts';
import type { MovedTo } from '../core/settings.ts';
import type { Destination } from '../core/transfer/destination.ts';
import type { TransferOrder } from '../core/transfer/order.ts';
import type { Writer } from './codec/writer.ts';
import type { Link } from './link/link.ts';

/** The part of `Out` that writes stanzas. */
type StanzaOut = Omit<Out, 'commit' | 'read' | 'outcome' | 'event' | 'took' | 'notice'>;

/**
 * Writes what the core decides to the link. Work is refused while the server does not read;
 * answers, which end what was begun, have twice the room.
 */
export class LinkStanzaOut implements StanzaOut {
  readonly #link: Pick<Link, 'write' | 'mayMove' | 'move'>;
  readonly #writer: Writer;

  constructor(link: Pick<Link, 'write' | 'mayMove' | 'move'>, writer: Writer) {
    this.#link = link;
    this.#writer = writer;
  }

  forward(message: MessageEnvelope, from: string, to: string, passage: Passage): Sent {
    return this.#give(this.#writer.forward(message, from, to, passage), 'work');
  }

  deliver(message: MessageEnvelope, from: string, to: string, passage: Passage, assurance: Assurance): Sent {
    return this.#give(this.#writer.deliveries.deliver(message, from, to, passage, assurance), 'work');
  }

  deliverIq(
    message: MessageEnvelope,
    from: string,
    to: string,
    passage: Passage,
    assurance: Assurance,
    id: string,
  ): Sent {
    return this.#give(this.#writer.deliveries.deliverIq(message, from, to, passage, assurance, id), 'work');
  }

  queued(message: Returned): Sent {
    return this.#give(this.#writer.deliveries.queued(message), 'answer');
  }

  receipt({ from, to, id }: Returned): Sent {
    return id === undefined ? 'sent' : this.#give(this.#writer.deliveries.receipt(from, to, id), 'answer');
  }

  giveBack(message: Returned, code: ErrorCode, fate: Fate): Sent {
    return this.#give(this.#writer.deliveries.giveBack(message, code, fate), 'answer');
  }

  relay(message: MessageEnvelope, from: string, to: string, renaming?: Renaming): Sent {
    return this.#give(this.#writer.relay(message, from, to, renaming), 'work');
  }

  report(error: MessageEnvelope, from: string, to: string): Sent {
    return this.#give(this.#writer.report(error, from, to), 'work');
  }

  bounce(stanza: MessageEnvelope | IqRequestEnvelope | RefusedStanza, code: ErrorCode, retryAfter?: number): Sent {
    return this.#give(this.#writer.error(stanza, code, retryAfter), 'answer');
  }

  answer(request: IqRequestEnvelope, answer: Answer): Sent {
    return this.#give(this.#writer.answer(request, answer), 'answer');
  }

  pong(ping: MessageEnvelope, from: string): Sent {
    return this.#give(this.#writer.pong(ping, from), 'answer');
  }

  redirect(request: IqRequestEnvelope, redirection: Redirection): Sent {
    return this.#give(this.#writer.redirect(request, redirection), 'answer');
  }

  moved(stanza: MessageEnvelope | PresenceEnvelope | IqRequestEnvelope, moved: MovedTo): Sent {
    return this.#give(this.#writer.moved(stanza, moved), 'answer');
  }

  ask(request: IqRequestEnvelope, from: string, to: string, id: string, passage: Passage): Sent {
    return this.#give(this.#writer.ask(request, from, to, id, passage), 'work');
  }

  reply(request: IqRequestEnvelope, response: IqResponseEnvelope): Sent {
    return this.#give(this.#writer.reply(request, response), 'answer');
  }

  presence(presence: PresenceOut): Sent {
    return this.#give(this.#writer.presence(presence), 'answer');
  }

  announce(from: string, to: string, text: string): Sent {
    return this.#give(this.#writer.announce(from, to, text), 'work');
  }

  ping(from: string, to: string, id: string): Sent {
    return this.#give(this.#writer.ping(from, to, id), 'answer');
  }

  askInfo(from: string, to: string, id: string, node: string | undefined): Sent {
    return this.#give(this.#writer.askInfo(from, to, id, node), 'answer');
  }

  transfer(from: string, to: string, id: string, order: TransferOrder): Sent {
    return this.#give(this.#writer.transfer(from, to, id, order), 'answer');
  }

  askPubSub(from: string, to: string, id: string, request: PubSubRequest): Sent {
    return this.#give(this.#writer.askPubSub(from, to, id, request), 'answer');
  }

  mayMove(destination: Destination): boolean {
    return this.#link.mayMove(destination);
  }

  move(destination: Destination): void {
    this.#link.move(destination);
  }

  /** `text` is `undefined` when the stanza is over the size limit. */
  #give(text: string | undefined, share: 'work' | 'answer'): Sent {
    if (text === undefined) return 'too-large';
    const written = this.#link.write(text, share);
    return written === 'down' ? 'link-down' : written;
  }
}
