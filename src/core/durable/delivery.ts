import type { MessageEnvelope } from '../envelope.ts';
import type { Timed, TimeSlot } from './deadlines.ts';

/** What is known of a delivery when it is accepted, or read from the store. */
export interface DeliveryStart {
  readonly id: number;
  /** The pool's configured name. */
  readonly pool: string;
  /** The sender's exact JID. */
  readonly sender: string;
  /** Ordering key; `undefined` in pools without ordering. */
  readonly key: string | undefined;
  /** Epoch milliseconds of the acceptance. */
  readonly since: number;
  /** Epoch milliseconds after which it is given up. */
  readonly expires: number;
  /** Bytes that it counts for in the queue. */
  readonly bytes: number;
  readonly message: MessageEnvelope;
  readonly notBefore?: number;
  readonly attempt?: number;
  readonly base?: number;
}

/** A message that a durable pool has accepted and not finished with, as the router holds it. */
export class Delivery implements Timed<Delivery> {
  /** Grows with time and is unique for ever: the order in which deliveries go. */
  readonly id: number;
  readonly pool: string;
  readonly sender: string;
  readonly key: string | undefined;
  readonly since: number;
  readonly expires: number;
  readonly bytes: number;
  /** Epoch milliseconds before which it is not tried again; 0 for at once. */
  notBefore: number;
  /** Attempts begun, over all redrives: 0 before the first. */
  attempt: number;
  /** `attempt` when it was redriven last. */
  base: number;
  /** `undefined` once it was let go of: the store has it, and it is read again before the next attempt. */
  message: MessageEnvelope | undefined;
  /** Where the deadline of its lease stands. */
  slot: TimeSlot<Delivery> | undefined = undefined;
  slotIndex = 0;

  constructor(start: DeliveryStart) {
    this.id = start.id;
    this.pool = start.pool;
    this.sender = start.sender;
    this.key = start.key;
    this.since = start.since;
    this.expires = start.expires;
    this.bytes = start.bytes;
    this.message = start.message;
    this.notBefore = start.notBefore ?? 0;
    this.attempt = start.attempt ?? 0;
    this.base = start.base ?? 0;
  }
}
