import { randomUUID } from 'node:crypto';
import { Acknowledged } from './acknowledged.ts';
import { Backoff } from './backoff.ts';
import type { Connection } from './connection.ts';
import { ack, ackElement, type Delivery, extend, idOf, nack, readDelivery, receipt } from './delivery.ts';
import type { Content, Element } from './element.ts';
import type { Hands } from './hands.ts';
import { answer as answerTo, type Job, readJob, refusal } from './job.ts';
import { type ExtendOptions, Lease } from './lease.ts';
import { Memory } from './memory.ts';
import { ns } from './namespaces.ts';
import { errorFor, isPassing, readError } from './stanza-error.ts';
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

/** How a handler has ended. */
type End =
  | { readonly failed: false; readonly answer: Content | undefined }
  | { readonly failed: true; readonly error: unknown };

/** A message that is worked on. What comes again takes over from what came before. */
interface Assignment {
  message: Element;
  delivery: Delivery | undefined;
  lease: Lease | undefined;
  /** The number of the session whose requests (IQ) brought it; `undefined` when messages did. */
  session: number | undefined;
  /** Those requests. */
  readonly answers: ((end: End) => void)[];
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
  readonly #acknowledged = new Acknowledged();
  readonly #backoff = new Backoff(2_000, 10_000);
  /** What came back, since the router is away. */
  readonly #returned = new Set<Element>();
  #retry: NodeJS.Timeout | undefined;
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
      this.#take({ message, session: this.#session }, (end) => {
        if (end.failed) reject(errorOf(verdictOf(end.error)));
        else resolve(true);
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
    clearTimeout(this.#retry);
  }

  /** An error; `true` when it brings back an acknowledgement. */
  returned(error: Element): boolean {
    const stanza = this.#acknowledged.find(error.attrs['id'] ?? '');
    if (stanza === undefined || !isPassing(readError(error))) return stanza !== undefined;
    this.#returned.add(stanza);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#repeat(), this.#backoff.next());
    return true;
  }

  /** The pool is there; perhaps it was not, for a while. */
  heard(): void {
    this.#repeat();
    this.#backoff.reset();
    for (const { lease } of this.#running) lease?.renew();
  }

  #repeat(): void {
    clearTimeout(this.#retry);
    for (const stanza of this.#returned) void this.#tell(stanza);
    this.#returned.clear();
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
      void this.#end(assignment, { failed: false, answer: undefined });
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
    const finish = async (end: End): Promise<void> => {
      assignment.lease?.end();
      this.#running.delete(assignment);
      if (id !== undefined) this.#memory?.end(id, !end.failed);
      await this.#end(assignment, end);
    };
    try {
      // What is told belongs to the work: who leaves waits for it.
      await this.#hands.take(async () => finish(await this.#handle(assignment)));
    } catch (error) {
      // There was no hand for it.
      await finish({ failed: true, error });
    }
  }

  async #handle({ message, delivery }: Assignment): Promise<End> {
    try {
      const job = readJob(message, delivery, (stanza) => this.#connection.sendOnceOnline(stanza));
      return { failed: false, answer: await this.#options.handle(job) };
    } catch (error) {
      return { failed: true, error };
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

  async #end(assignment: Assignment, end: End): Promise<void> {
    const { message, delivery, session, answers } = assignment;
    if (end.failed) this.#failed(message, end.error);
    // An answer to a request (IQ) reaches nobody after the session in which it was asked.
    const token = session === undefined || session !== this.#session ? delivery?.token : undefined;
    if (token !== undefined && !end.failed) await this.#acknowledge(message, token, end.answer);
    else if (token !== undefined && end.failed) await this.#tell(nack(message, token, verdictOf(end.error)));
    else if (end.failed && session === undefined) await this.#tell(refusal(message, errorFor(end.error)));
    else if (!end.failed) await this.#answer(message, end.answer, session === undefined);
    for (const answer of answers) answer(end);
  }

  /** Where the answer to the sender does not carry the acknowledgement, it goes before. */
  async #answer(message: Element, content: Content | undefined, receipts: boolean): Promise<void> {
    if (content !== undefined) await this.#tell(answerTo(message, content));
    const received = receipts ? receipt(message) : undefined;
    if (received !== undefined) await this.#tell(received);
  }

  async #acknowledge(message: Element, token: string, content: Content | undefined): Promise<void> {
    const id = randomUUID();
    const brief = ack(message, token, id);
    const whole = content === undefined ? brief : answerTo(message, content, id, ackElement(token));
    await this.#tell(whole);
    this.#acknowledged.add(id, whole, brief);
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
