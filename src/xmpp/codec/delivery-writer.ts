import { bareOf } from '../../core/address/jid.ts';
import type { MessageEnvelope } from '../../core/envelope.ts';
import type { ErrorCode } from '../../core/errors/errors.ts';
import type { Assurance, Fate, Passage, Returned } from '../../core/ports.ts';
import { addressed } from './addressed.ts';
import { dateTime } from './date-time.ts';
import { escapeAttribute } from './escape.ts';
import { exceeds } from './exceeds.ts';
import { type ForwardText, privacy } from './forward-text.ts';
import { ns } from './namespaces.ts';
import { returnedError } from './stanza-error.ts';

const request = `<request xmlns='${ns.receipts}'/>`;
const noStore = `<no-store xmlns='${ns.hints}'/>`;
/** The queue is the store: a copy of the worker's server would come late, and to anybody. */
const end = `${privacy}${noStore}</message>`;

/**
 * The text of everything that a pool sends which delivers at least once (delivery.md 4.3). A stanza
 * over the size limit is `undefined`.
 */
export class DeliveryWriter {
  readonly #forwarded: ForwardText;
  readonly #limit: number;
  /** What stands before the id; nearly all messages are of one pool. */
  #stanzaId = { pool: '', head: '' };

  /** @param limit Bytes; what would be longer is not written. */
  constructor(forwarded: ForwardText, limit: number) {
    this.#forwarded = forwarded;
    this.#limit = limit;
  }

  /** A message on its way to a worker, who is asked for a receipt (XEP-0184); or to a pool, which is asked to keep it. */
  deliver(
    message: MessageEnvelope,
    from: string,
    to: string,
    passage: Passage,
    assurance: Assurance,
  ): string | undefined {
    const head = `<message${this.#forwarded.attributes(message, from, to, passage)}>`;
    // A pool gives no receipt of its own, but that of its worker, which is for the sender if he wants one.
    const { passedOnFor: time, stanzaId } = assurance;
    const asked = time === undefined ? (message.wantsReceipt === true ? '' : request) : deliverElement(time, stanzaId);
    const content = this.#forwarded.content(message, from, passage);
    return this.#bounded(`${head}${content}${asked}${this.#assured(passage.jid, assurance)}${end}`);
  }

  /** The same in a request, which no server gives to anybody else, nor stores; the answer is the acknowledgement. */
  deliverIq(
    message: MessageEnvelope,
    from: string,
    to: string,
    passage: Passage,
    assurance: Assurance,
    id: string,
  ): string | undefined {
    const inner = `<message xmlns='${ns.client}'${this.#forwarded.attributes(message, from, to, passage)}>`;
    const content = this.#forwarded.content(message, from, passage) + this.#assured(passage.jid, assurance);
    return this.#bounded(
      `<iq type='set'${addressed(from, to, id)}><deliver xmlns='${ns.delivery}'><forwarded xmlns='${ns.forward}'>` +
        `${inner}${content}</message></forwarded></deliver></iq>`,
    );
  }

  /** That a message is in the queue. */
  queued({ from, to, id }: Returned): string | undefined {
    const named = id === undefined ? '' : ` id='${escapeAttribute(id)}'`;
    const head = `<message${addressed(to, from, id === undefined ? undefined : `q-${id}`)}>`;
    return this.#bounded(`${head}<queued xmlns='${ns.delivery}'${named}/>${noStore}</message>`);
  }

  /** The receipt of the message `id` (XEP-0184 section 5.2). */
  receipt(from: string, to: string, id: string): string | undefined {
    const head = `<message${addressed(to, from, `r-${id}`)}>`;
    return this.#bounded(`${head}<received xmlns='${ns.receipts}' id='${escapeAttribute(id)}'/></message>`);
  }

  /** A message that comes back, without its content: who sent it has it. */
  giveBack({ from, to, id }: Returned, code: ErrorCode, fate: Fate): string | undefined {
    const error = returnedError(code, bareOf(to), fate);
    return this.#bounded(`<message type='error'${addressed(to, from, id)}>${error}</message>`);
  }

  /** What `pool` tells a worker of a delivery. */
  #assured(pool: string, { stanzaId, token, attempt, deadline, expires, delayedSince }: Assurance): string {
    if (this.#stanzaId.pool !== pool) this.#stanzaId = { pool, head: stanzaIdHead(pool) };
    const delivery =
      token === undefined
        ? ''
        : `<delivery xmlns='${ns.delivery}' token='${escapeAttribute(token)}' attempt='${attempt}'` +
          ` deadline='${dateTime(deadline)}' expires='${dateTime(expires)}'/>`;
    const delay = delayedSince === undefined ? '' : delayElement(pool, delayedSince);
    return `${this.#stanzaId.head}${escapeAttribute(stanzaId)}'/>${delivery}${delay}`;
  }

  #bounded(text: string): string | undefined {
    return exceeds(text, this.#limit) ? undefined : text;
  }
}

function deliverElement(time: number, id: string): string {
  return `<deliver xmlns='${ns.delivery}' guarantee='at-least-once' queued='true' ttl='${time / 1_000}' id='${escapeAttribute(id)}'/>`;
}

function stanzaIdHead(pool: string): string {
  return `<stanza-id xmlns='${ns.stanzaIds}' by='${escapeAttribute(pool)}' id='`;
}

function delayElement(pool: string, since: number): string {
  return `<delay xmlns='${ns.delay}' from='${escapeAttribute(pool)}' stamp='${dateTime(since)}'/>`;
}
