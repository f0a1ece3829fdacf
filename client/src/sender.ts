import { randomUUID } from 'node:crypto';
import { bare, requireAddress, sameAddress } from './address.ts';
import type { Answer, Asker, MessageOptions } from './answer.ts';
import type { Connection } from './connection.ts';
import { Conversation, type ConversationOptions } from './conversation.ts';
import { type DiscoverOptions, discover, type Service } from './discovery.ts';
import { type Content, type Element, xml } from './element.ts';
import { messageTo } from './message.ts';
import { isRedirect, validateRedirect } from './redirect.ts';
import { readError, StanzaError } from './stanza-error.ts';
import { type Delivered, type DeliverOptions, Submissions } from './submissions.ts';

export interface SenderOptions {
  /**
   * Domains to which a request may be redirected, beside the domain that was asked. Whoever is asked
   * learns the query and the requester, so name only whom you trust with both.
   */
  readonly redirectsTo?: readonly string[];
  /** Milliseconds to wait for an answer; default 30 000. */
  readonly timeout?: number;
}

/** Questions under way; more are refused. */
const openLimit = 10_000;

interface Question {
  readonly to: string;
  readonly id: string;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** Writes to pools and services, and asks them. */
export class Sender implements Asker {
  readonly #connection: Connection;
  readonly #options: SenderOptions;
  readonly #submissions: Submissions;
  /** By thread. */
  readonly #questions = new Map<string, Question>();

  constructor(connection: Connection, options: SenderOptions = {}) {
    this.#connection = connection;
    this.#options = options;
    this.#submissions = new Submissions(connection);
    connection.add({
      stanza: (stanza) => this.#take(stanza),
      online: () => this.#submissions.online(),
      offline: () => this.#submissions.offline(),
      stopped: () => this.#submissions.stopped(),
    });
  }

  /** Sends a message; resolves with its id once it is written. Whether somebody had it is not known. */
  async send(to: string, content: Content, options: MessageOptions = {}): Promise<string> {
    const { id = randomUUID() } = options;
    await this.#connection.send(messageTo(to, id, content, options));
    return id;
  }

  /**
   * Delivers a message to a pool with the guarantee at-least-once: sends it again, over losses of the session and
   * restarts of the router, until the pool has it, and waits for a worker to have done it if asked. Fails with
   * `DeliveryFailed` when the pool refuses it or gives it up, and with `DeliveryUnknown` when nothing comes in time.
   */
  async deliver(to: string, content: Content, options: DeliverOptions = {}): Promise<Delivered> {
    return await this.#submissions.submit(to, content, options);
  }

  /**
   * Sends a message and waits for the first answer: a message in the same thread, from the address asked
   * or from a worker seen through it. Fails with a `StanzaError` when an error comes back. When nothing
   * comes, somebody may have had the message all the same.
   */
  async ask(to: string, content: Content, options: Omit<MessageOptions, 'id' | 'thread'> = {}): Promise<Answer> {
    const id = randomUUID();
    const { timeout = 30_000 } = this.#options;
    requireAddress(to, 'to');
    if (this.#questions.size >= openLimit) throw new Error(`${openLimit} questions are open`);
    const answer = new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(
        () => question.reject(new Error(`no answer from ${to} within ${timeout / 1000} s`)),
        timeout,
      );
      const settle = (): void => {
        clearTimeout(timer);
        this.#questions.delete(id);
      };
      const question: Question = {
        to,
        id,
        resolve(found) {
          settle();
          resolve(found);
        },
        reject(error) {
          settle();
          reject(error);
        },
      };
      this.#questions.set(id, question);
    });
    await this.send(to, content, { ...options, id, thread: id }).catch((error: unknown) => {
      this.#questions.get(id)?.reject(error instanceof Error ? error : new Error(String(error)));
    });
    return await answer;
  }

  /**
   * Asks by IQ and resolves with the payload of the result, if it has one. A `get` is asked again
   * elsewhere when the answer redirects it by the rules of JEP-0051; a `set` never is. Fails with a
   * `StanzaError`: the error that came, also when it is a redirect that breaks the rules.
   */
  async request(to: string, payload: Element, type: 'get' | 'set' = 'get'): Promise<Element | undefined> {
    const { redirectsTo = [], timeout } = this.#options;
    const domains = [requireAddress(to, 'to').domain, ...redirectsTo];
    const original = xml('iq', { type, to, id: randomUUID() }, payload);
    const asked = [to];
    for (let query = original; ; ) {
      const answer = await this.#connection.exchange(query, timeout);
      if (answer.attrs['type'] === 'result') return answer.getChildElements()[0];
      const error = readError(answer);
      if (!isRedirect(answer)) throw error;
      const verdict = validateRedirect(answer, { original, requester: this.#connection.jid ?? '', asked, domains });
      if ('refused' in verdict) {
        const text = `redirect by ${error.from ?? to} not followed: ${verdict.refused}`;
        throw new StanzaError(error.type, error.condition, text, error.from, error.alternative);
      }
      asked.push(verdict.to);
      query = verdict.query;
    }
  }

  /** Finds pools and services of a server or of a component, by service discovery (XEP-0030). */
  discover(at: string, options: DiscoverOptions = {}): Promise<Service[]> {
    return discover(this.#connection, at, options);
  }

  /**
   * Finds an instance of a service that is known by its bare JID only, stays with it, and turns to the
   * next when it goes (after the DIX proto-XEP). Fails when none is found in time.
   */
  async converse(service: string, options: ConversationOptions = {}): Promise<Conversation> {
    const conversation = new Conversation(this, this.#connection, service, options);
    await conversation.instance();
    return conversation;
  }

  #take(stanza: Element): boolean {
    const { from = '', type, id } = stanza.attrs;
    if (stanza.name !== 'message') return false;
    if (this.#submissions.take(stanza)) return true;
    // An error repeats the id of what it answers, a reply the thread; ours are the same.
    const key = type === 'error' ? id : stanza.getChildText('thread');
    const question = this.#questions.get(key ?? '');
    if (question === undefined || !isFrom(from, question.to)) return false;
    if (type === 'error') question.reject(readError(stanza));
    else question.resolve({ from, body: stanza.getChildText('body') ?? '', message: stanza });
    return true;
  }
}

/** A worker answers from `pool/~label`; a full JID only by itself. */
function isFrom(from: string, asked: string): boolean {
  return sameAddress(from, asked) || sameAddress(bare(from), bare(asked));
}
