import type { Connection } from './connection.ts';
import { ack, type Delivery, extend, idOf, nack, readDelivery, receipt } from './delivery.ts';
import type { Content, Element } from './element.ts';
import type { Hands } from './hands.ts';
import { type Job, readJob, refusal } from './job.ts';
import { type ExtendOptions, Lease } from './lease.ts';
import { Memory } from './memory.ts';
import { ns } from './namespaces.ts';
import { Recent } from './recent.ts';
import { errorFor } from './stanza-error.ts';
import { errorOf, verdictOf } from './verdict.ts';

/** Deliveries that are done and remembered, unless told otherwise. */
const remembered = 10_000;

export interface AssignmentOptions {
  /** Bare JID of the pool. */
  readonly pool: string;
  readonly handle: (job: Job) => Content | undefined | Promise<Content | undefined>;
  readonly extend?: ExtendOptions | false;
  readonly deduplicate?: boolean | { readonly remember: number };
}

interface Failure {
  readonly error: unknown;
}

/** A message that is worked on. What comes again takes over from what came before. */
interface Assignment {
  message: Element;
  delivery: Delivery | undefined;
  lease: Lease | undefined;
  /** The number of the session whose requests (IQ) brought it; `undefined` when messages did. */
  session: number | undefined;
  /** Those requests. */
  readonly answers: ((failure: Failure | undefined) => void)[];
}

/**
 * What a worker has of messages, from their arrival until the pool is told what became of them: the
 * acknowledgement follows the work, never goes before it.
 */
export class Assignments {
  readonly #connection: Connection;
  readonly #hands: Hands;
  readonly #options: AssignmentOptions;
  readonly #memory: Memory<Assignment> | undefined;
  readonly #running = new Set<Assignment>();
  readonly #acknowledged = new Recent<Element>();
  #assured = false;
  /** Counts the sessions that are over. */
  #session = 0;

  constructor(connection: Connection, hands: Hands, options: AssignmentOptions) {
    const { deduplicate = false } = options;
    this.#connection = connection;
    this.#hands = hands;
    this.#options = options;
    const remember = typeof deduplicate === 'object' ? deduplicate.remember : remembered;
    this.#memory = deduplicate === false ? undefined : new Memory(remember);
  }

  /** Whether the pool has given a message that it wants acknowledged. */
  get assured(): boolean {
    return this.#assured;
  }

  /** Works on a message, and tells the pool or the sender what became of it. */
  take(message: Element): void {
    this.#take({ message, session: undefined });
  }

  /** Works on a message that came as a request (IQ), and answers that; `undefined` for another request. */
  request(iq: Element): Promise<true> | undefined {
    const message = iq.getChild('deliver', ns.delivery)?.getChild('forwarded', ns.forward)?.getChild('message');
    if (message === undefined || iq.attrs['type'] !== 'set') return undefined;
    return new Promise((resolve, reject) => {
      this.#take({ message, session: this.#session }, (failure) => {
        if (failure === undefined) resolve(true);
        else reject(errorOf(verdictOf(failure.error)));
      });
    });
  }

  /** There is a session again: the pool may have missed what it was told last. */
  online(): void {
    for (const stanza of this.#acknowledged.all()) void this.#tell(stanza);
    for (const { lease } of this.#running) lease?.renew();
  }

  /** The session is over. */
  offline(): void {
    this.#session += 1;
  }

  #take(came: Pick<Assignment, 'message' | 'session'>, answer?: Assignment['answers'][number]): void {
    const { pool } = this.#options;
    const assignment: Assignment = {
      ...came,
      delivery: readDelivery(came.message, pool),
      lease: undefined,
      answers: answer === undefined ? [] : [answer],
    };
    if (assignment.delivery !== undefined) this.#assured = true;
    const id = idOf(came.message, pool);
    const known = id === undefined ? undefined : this.#memory?.find(id);
    if (known === 'done') {
      void this.#end(assignment, undefined);
    } else if (known !== undefined) {
      known.answers.push(...assignment.answers);
      Object.assign(known, came, { delivery: assignment.delivery });
      known.lease?.renew();
    } else {
      void this.#work(assignment, id);
    }
  }

  async #work(assignment: Assignment, id: string | undefined): Promise<void> {
    this.#running.add(assignment);
    if (id !== undefined) this.#memory?.begin(id, assignment);
    assignment.lease = this.#lease(assignment);
    const finish = async (failure: Failure | undefined): Promise<void> => {
      assignment.lease?.end();
      this.#running.delete(assignment);
      if (id !== undefined) this.#memory?.end(id, failure === undefined);
      await this.#end(assignment, failure);
    };
    try {
      // What is told belongs to the work: who leaves waits for it.
      await this.#hands.take(async () => finish(await this.#handle(assignment)));
    } catch (error) {
      // There was no hand for it.
      await finish({ error });
    }
  }

  async #handle({ message, delivery }: Assignment): Promise<Failure | undefined> {
    try {
      const job = readJob(message, delivery, (stanza) => this.#connection.sendOnceOnline(stanza));
      const answer = await this.#options.handle(job);
      // Before the acknowledgement: whoever dies between the two answers twice, and not never.
      if (answer !== undefined) await job.reply(answer);
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  #lease(assignment: Assignment): Lease | undefined {
    const { extend: options = {} } = this.#options;
    const { delivery } = assignment;
    if (delivery === undefined || options === false) return undefined;
    return new Lease(delivery.deadline, options, {
      extend: (by) => {
        const { message, delivery } = assignment;
        // Without a session it is asked for with the next one.
        if (delivery !== undefined)
          void this.#connection.send(extend(message, delivery.token, by)).catch(() => undefined);
      },
      over: () => {
        const text = `${assignment.message.attrs['from']} ${assignment.message.attrs['id'] ?? ''}: too long in hand`;
        this.#connection.notify({ event: 'problem', text: `${text}; the pool may give it to another worker` });
      },
    });
  }

  async #end(assignment: Assignment, failure: Failure | undefined): Promise<void> {
    const { message, delivery, session, answers } = assignment;
    for (const answer of answers) answer(failure);
    if (failure !== undefined) this.#failed(message, failure.error);
    // An answer to a request reaches nobody after the session in which it was asked.
    if (session !== undefined && (delivery === undefined || session === this.#session)) return;
    const stanza = failure === undefined ? success(message, delivery) : refused(message, delivery, failure.error);
    if (stanza === undefined) return;
    await this.#tell(stanza);
    // In a plain pool nobody gives a message to another worker for want of a receipt.
    if (delivery !== undefined && failure === undefined) this.#acknowledged.add(stanza);
  }

  #failed({ attrs: { from, id = '' } }: Element, error: unknown): void {
    const text = `${from} ${id}: ${error instanceof Error ? error.message : String(error)}`;
    this.#connection.notify({ event: 'failed', text, error });
  }

  /** Now, or with the next session: a token is good for as long as the pool has the message. */
  async #tell(stanza: Element): Promise<void> {
    // It fails when the connection has stopped: the pool gives what it was not told of to another worker.
    await this.#connection.sendOnceOnline(stanza).catch(() => undefined);
  }
}

function success(message: Element, delivery: Delivery | undefined): Element | undefined {
  return delivery === undefined ? receipt(message) : ack(message, delivery.token);
}

function refused(message: Element, delivery: Delivery | undefined, error: unknown): Element {
  return delivery === undefined ? refusal(message, errorFor(error)) : nack(message, delivery.token, verdictOf(error));
}
