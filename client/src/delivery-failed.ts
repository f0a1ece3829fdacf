import type { Element } from './element.ts';
import { ns } from './namespaces.ts';
import { isPassing, readError, StanzaError } from './stanza-error.ts';

/** A message was not taken by the pool, or was given up by it: the error that came back. */
export class DeliveryFailed extends StanzaError {
  /** What the pool says of it, such as `expired`, `max-attempts` or `queue-full`; `undefined` when it says nothing. */
  readonly reason: string | undefined;
  /** How often workers were given it. */
  readonly attempts: number | undefined;
  /** The pool's id of the delivery, for those who ask its operator. */
  readonly delivery: string | undefined;

  constructor(stanza: Element) {
    const { type, condition, message, from, alternative } = readError(stanza);
    super(type, condition, message, from, alternative);
    const fate = stanza
      .getChild('error')
      ?.getChildElements()
      .find((child) => child.getNS() === ns.delivery);
    const attempts = fate?.attrs['attempts'] ?? '';
    this.reason = fate?.name;
    this.attempts = /^\d{1,9}$/.test(attempts) ? Number(attempts) : undefined;
    this.delivery = fate?.attrs['id'];
  }

  /** Whether the pool may take it another time: it, or its router, has no room for it or is not there now. */
  get passing(): boolean {
    // What has an id was taken, and has come to its end.
    if (this.delivery !== undefined) return false;
    if (this.reason !== undefined && !['queue-full', 'no-worker'].includes(this.reason)) return false;
    return isPassing(this);
  }
}

/** Nothing came in time. Whether the message was taken, or done, is not known. */
export class DeliveryUnknown extends Error {
  override readonly name = 'DeliveryUnknown';
  /** Whether the pool has said that it has the message. */
  readonly queued: boolean;

  constructor(text: string, queued: boolean, options?: ErrorOptions) {
    super(text, options);
    this.queued = queued;
  }
}
