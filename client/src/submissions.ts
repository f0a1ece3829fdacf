import { randomUUID } from 'node:crypto';
import { bare, requireAddress, sameAddress } from './address.ts';
import type { MessageOptions } from './answer.ts';
import type { Connection } from './connection.ts';
import { DeliveryFailed } from './delivery-failed.ts';
import { type Content, type Element, xml } from './element.ts';
import { messageTo } from './message.ts';
import { ns } from './namespaces.ts';
import { Submission } from './submission.ts';

/** Messages under way; more are refused. */
const openLimit = 10_000;

export interface DeliverOptions extends Omit<MessageOptions, 'guarantee'> {
  /**
   * When it is over: `queued`, the default, when the pool has the message on its disk; `acknowledged`, when
   * a worker has done it.
   */
  readonly until?: 'queued' | 'acknowledged';
  /**
   * By which the pool knows the same message when it comes again (XEP-0359); default a new one. To go on
   * after a restart of the program, keep it with the content.
   */
  readonly originId?: string;
  /**
   * Milliseconds until the pool must have said that it has the message; default 600 000. Less than the pool's
   * `dedupeWindow`: after that it may take the same message for another one.
   */
  readonly timeout?: number;
  /** Milliseconds from then until a worker must have done it, with `until: 'acknowledged'`; default `ttl`, or a day, and a minute. */
  readonly doneWithin?: number;
  /** Milliseconds until it is sent again, which doubles from `min` (5000) to `max` (60 000); of each a random half may be missing. */
  readonly resend?: { readonly min?: number; readonly max?: number };
}

/** What is known of a message that was delivered. */
export interface Delivered {
  readonly id: string;
  readonly originId: string;
  readonly state: 'queued' | 'acknowledged';
  /** How often it was sent. */
  readonly sends: number;
}

/** Messages that are sent again and again, each with one origin-id, until the pool says that it has them. */
export class Submissions {
  readonly #connection: Connection;
  /** By id. */
  readonly #open = new Map<string, Submission>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  submit(to: string, content: Content, options: DeliverOptions): Promise<Delivered> {
    requireAddress(to, 'to');
    const { id = randomUUID(), originId = randomUUID(), until = 'queued' } = options;
    if (this.#open.size >= openLimit) throw new Error(`${openLimit} messages are under way`);
    if (this.#open.has(id)) throw new Error(`a message with the id ${id} is under way`);
    const terms = { ...options, guarantee: 'at-least-once' } as const;
    const origin = xml('origin-id', { xmlns: ns.ids, id: originId });
    const request = until === 'acknowledged' ? xml('request', { xmlns: ns.receipts }) : undefined;
    const stanza = messageTo(to, id, content, terms, { queued: 'true' }, origin, request);
    return new Promise((resolve, reject) => {
      const submission = new Submission(to, options, {
        send: () => {
          // Without a session it goes out with the next one.
          void this.#connection.send(stanza).catch(() => undefined);
        },
        end: (end) => {
          this.#open.delete(id);
          if (end instanceof Error) reject(end);
          else resolve({ id, originId, state: end, sends: submission.sends });
        },
      });
      this.#open.set(id, submission);
      if (this.#connection.jid !== undefined) submission.send();
    });
  }

  online(): void {
    for (const submission of this.#open.values()) submission.online();
  }

  offline(): void {
    for (const submission of this.#open.values()) submission.offline();
  }

  /** The connection has ended for good. */
  stopped(): void {
    for (const submission of this.#open.values()) submission.giveUp('the connection has stopped');
  }

  /** A message; `true` when it was about one of ours. */
  take(message: Element): boolean {
    const { from = '', type, id = '' } = message.attrs;
    if (type === 'error') {
      const submission = this.#of(id, from);
      submission?.failed(new DeliveryFailed(message));
      return submission !== undefined;
    }
    const queued = this.#of(message.getChild('queued', ns.delivery)?.attrs['id'], from);
    queued?.queued();
    const received = this.#of(message.getChild('received', ns.receipts)?.attrs['id'], from);
    received?.acknowledged();
    return queued !== undefined || received !== undefined;
  }

  /** Only who was written to can say what became of it; a worker is seen through it. */
  #of(id: string | undefined, from: string): Submission | undefined {
    const submission = this.#open.get(id ?? '');
    return submission !== undefined && sameAddress(bare(from), bare(submission.to)) ? submission : undefined;
  }
}
