import { bareOf } from '../../core/address/jid.ts';
import type {
  IqRequestEnvelope,
  IqResponseEnvelope,
  MessageEnvelope,
  PresenceEnvelope,
  RefusedStanza,
} from '../../core/envelope.ts';
import type { ErrorCode } from '../../core/errors/errors.ts';
import type { Passage, PresenceOut, PubSubRequest, Redirection, Renaming } from '../../core/ports.ts';
import type { Answer } from '../../core/requests/answer.ts';
import type { MovedTo } from '../../core/settings.ts';
import type { TransferOrder } from '../../core/transfer/order.ts';
import { answerPayload } from '../protocols/answer.ts';
import { writeCaps } from '../protocols/caps.ts';
import { writePubSub } from '../protocols/pubsub.ts';
import { writeTransfer } from '../protocols/transfer.ts';
import { addressed } from './addressed.ts';
import { dateTime } from './date-time.ts';
import { DeliveryWriter } from './delivery-writer.ts';
import { escapeAttribute, escapeText } from './escape.ts';
import { exceeds } from './exceeds.ts';
import { ForwardText, messageAttributes, privacy } from './forward-text.ts';
import { hopElements } from './hops.ts';
import { ns } from './namespaces.ts';
import { renameReference } from './rename-reference.ts';
import { askText, movedText, redirectText, replyText, returnedPayload } from './request-writer.ts';
import { receivedError, stanzaError } from './stanza-error.ts';

export interface WriterOptions {
  /** The component's domain: `by` of the errors. */
  readonly domain: string;
  /** Bytes; what would be longer is not written. */
  readonly stanzaLimit: number;
}

/**
 * The text of everything that we send, by hand-made templates. A stanza over the size limit is
 * `undefined`: a server closes the whole link for one that is too long for it.
 */
export class Writer {
  readonly #domain: string;
  readonly #limit: number;
  readonly #forwarded = new ForwardText();
  /** What is written of deliveries at least once. */
  readonly deliveries: DeliveryWriter;

  constructor(options: WriterOptions) {
    this.#domain = options.domain;
    this.#limit = options.stanzaLimit;
    this.deliveries = new DeliveryWriter(this.#forwarded, options.stanzaLimit);
  }

  /** A message on its way to a worker. */
  forward(message: MessageEnvelope, from: string, to: string, passage: Passage): string | undefined {
    const head = `<message${this.#forwarded.attributes(message, from, to, passage)}>`;
    const additions = message.machine === true ? '' : privacy;
    return this.#bounded(`${head}${this.#forwarded.content(message, from, passage)}${additions}</message>`);
  }

  /** A message passed on with other addresses and nothing added; `renaming` changes what it refers to. */
  relay(message: MessageEnvelope, from: string, to: string, renaming?: Renaming): string | undefined {
    const head = `<message${messageAttributes(message, from, to)}`;
    const renamed = renaming === undefined ? message.tail : renameReference(message.tail, renaming.from, renaming.to);
    const tail = message.hops === undefined ? renamed : renamed + hopElements(named(message, bareOf(from)));
    return this.#bounded(tail === '' ? `${head}/>` : `${head}>${tail}</message>`);
  }

  /** Condition and type of an error that somebody sent, without his words. */
  report(message: MessageEnvelope, from: string, to: string): string | undefined {
    const { condition, type } = message.error ?? { condition: 'undefined-condition', type: 'cancel' };
    return this.#bounded(
      `<message type='error'${addressed(from, to, message.id)}>${receivedError(condition, type)}</message>`,
    );
  }

  /**
   * The stanza sent back as an error, from the address it was sent to. `undefined` when there
   * is nobody to answer, or the kind of stanza has no errors.
   *
   * @param retryAfter Seconds after which to come back; the text says so.
   */
  error(
    stanza: MessageEnvelope | IqRequestEnvelope | RefusedStanza,
    code: ErrorCode,
    retryAfter?: number,
  ): string | undefined {
    const name = nameOf(stanza);
    if (name === 'other' || stanza.from === undefined || stanza.to === undefined) return undefined;
    const payload = stanza.kind === 'iq-request' ? returnedPayload(stanza) : '';
    const head = `<${name} type='error'${addressed(stanza.to, stanza.from, stanza.id)}`;
    return this.#bounded(`${head}>${payload}${stanzaError(code, this.#domain, retryAfter)}</${name}>`);
  }

  /** The result of an IQ (RFC 6120 section 8.2.3). */
  answer(request: IqRequestEnvelope, answer: Answer): string | undefined {
    const payload = answerPayload(answer);
    const head = `<iq type='result'${addressed(request.to, request.from, request.id)}`;
    return this.#bounded(payload === '' ? `${head}/>` : `${head}>${payload}</iq>`);
  }

  /** The answer of an instance to a ping that looked for one (specs.md 3.2). */
  pong(ping: MessageEnvelope, from: string): string | undefined {
    return this.#bounded(`<message${messageAttributes(ping, from, ping.from)}><pong xmlns='${ns.dix}'/></message>`);
  }

  /** A get answered with its redirected form. */
  redirect(request: IqRequestEnvelope, redirection: Redirection): string | undefined {
    return this.#bounded(redirectText(request, redirection, this.#domain));
  }

  /** A stanza answered with the new address of its pool. */
  moved(stanza: MessageEnvelope | PresenceEnvelope | IqRequestEnvelope, moved: MovedTo): string | undefined {
    return this.#bounded(movedText(stanza, moved, this.#domain));
  }

  /** A request on its way to a worker, under an id of ours. */
  ask(request: IqRequestEnvelope, from: string, to: string, id: string, passage: Passage): string | undefined {
    return this.#bounded(askText(request, from, to, id, passage.hidesSenders));
  }

  /** A worker's answer on its way to who asked. */
  reply(request: IqRequestEnvelope, response: IqResponseEnvelope): string | undefined {
    return this.#bounded(replyText(request, response));
  }

  /** A presence. One that is over the size limit goes without its id, which only its addressee made long. */
  presence(presence: PresenceOut): string {
    const text = this.#presenceText(presence);
    return presence.id !== undefined && exceeds(text, this.#limit)
      ? this.#presenceText({ ...presence, id: undefined })
      : text;
  }

  #presenceText(presence: PresenceOut): string {
    const type = presence.type === 'available' ? '' : ` type='${presence.type}'`;
    const status = presence.status === undefined ? '' : `<status>${escapeText(presence.status)}</status>`;
    const { priority } = presence;
    const show = presence.show === undefined || presence.show === 'online' ? '' : `<show>${presence.show}</show>`;
    const weight = priority === undefined ? '' : `<priority>${priority}</priority>`;
    const caps = presence.caps === undefined ? '' : writeCaps(presence.caps);
    const delay =
      presence.since === undefined ? '' : `<delay xmlns='${ns.delay}' stamp='${dateTime(presence.since)}'/>`;
    const error = presence.error === undefined ? '' : stanzaError(presence.error, this.#domain);
    const head = `<presence${type}${addressed(presence.from, presence.to, presence.id)}`;
    const children = `${show}${status}${weight}${caps}${delay}${error}`;
    return children === '' ? `${head}/>` : `${head}>${children}</presence>`;
  }

  /** A headline of ours. */
  announce(from: string, to: string, text: string): string | undefined {
    const head = `<message type='headline'${addressed(from, to, undefined)}>`;
    return this.#bounded(`${head}<body>${escapeText(text)}</body></message>`);
  }

  /** A ping of ours (XEP-0199). */
  ping(from: string, to: string, id: string): string {
    return `<iq type='get'${addressed(from, to, id)}><ping xmlns='${ns.ping}'/></iq>`;
  }

  /** A request of ours for what a client can do (XEP-0030). */
  askInfo(from: string, to: string, id: string, node: string | undefined): string {
    const at = node === undefined ? '' : ` node='${escapeAttribute(node)}'`;
    return `<iq type='get'${addressed(from, to, id)}><query xmlns='${ns.discoInfo}'${at}/></iq>`;
  }

  /** A request of ours that a client connect elsewhere (XEP-0051 section 2). */
  transfer(from: string, to: string, id: string, order: TransferOrder): string {
    return `<iq type='set'${addressed(from, to, id)}>${writeTransfer(order)}</iq>`;
  }

  /** A request of ours to a PubSub service (XEP-0060). */
  askPubSub(from: string, to: string, id: string, request: PubSubRequest): string | undefined {
    const type = request.name === 'subscriptions' ? 'get' : 'set';
    return this.#bounded(`<iq type='${type}'${addressed(from, to, id)}>${writePubSub(request, from)}</iq>`);
  }

  #bounded(text: string): string | undefined {
    return exceeds(text, this.#limit) ? undefined : text;
  }
}

/**
 * The pools that a message has passed, for one that loses its `ofrom`: what a worker answers with
 * that on it is a copy of what `pool` gave him. An error is never answered, and goes no further.
 */
function named({ type, hops = [] }: MessageEnvelope, pool: string): readonly string[] {
  return type === 'error' ? hops : hops.map((via) => (via === '' ? pool : via));
}

function nameOf(stanza: MessageEnvelope | IqRequestEnvelope | RefusedStanza): RefusedStanza['stanza'] {
  if (stanza.kind === 'message') return 'message';
  return stanza.kind === 'iq-request' ? 'iq' : stanza.stanza;
}
