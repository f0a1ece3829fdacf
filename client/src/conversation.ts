import { randomUUID } from 'node:crypto';
import { bare, requireAddress, sameAddress } from './address.ts';
import type { Answer, Asker } from './answer.ts';
import { Backoff } from './backoff.ts';
import type { Connection } from './connection.ts';
import { type Content, type Element, xml } from './element.ts';
import { ns } from './namespaces.ts';
import type { Part } from './part.ts';
import { pause } from './pause.ts';
import { readError, StanzaError } from './stanza-error.ts';

export interface ConversationOptions {
  /** Milliseconds to find an instance, each time; default 30 000. */
  readonly timeout?: number;
  /** Milliseconds until a ping that nobody answered is sent again; default 5000. */
  readonly pingTimeout?: number;
}

/** The instance of a conversation went before it answered. It may have done what it was asked. */
export class InstanceGone extends Error {
  override readonly name = 'InstanceGone';
}

/** Errors by which servers and pools say that an instance is not there. */
const ghost = /^(gone|item-not-found|recipient-unavailable|service-unavailable|remote-server-(not-found|timeout))$/;

/**
 * A conversation with one instance of a service, of which only the bare JID is known (after the DIX
 * proto-XEP): a ping finds an instance, directed presence in both directions tells either side when
 * the other goes, and then the next ping finds the next instance.
 */
export class Conversation {
  readonly #sender: Asker;
  readonly #connection: Connection;
  readonly #service: string;
  readonly #options: ConversationOptions;
  readonly #closed = new AbortController();
  /** Those who wait for the end of the instance that they asked. */
  readonly #watchers = new Set<(gone: string) => void>();
  readonly #part: Part;
  #instance: string | undefined;
  #finding: Promise<string> | undefined;
  #pong: { readonly id: string; readonly take: (from: string | StanzaError) => void } | undefined;

  /** `Sender.converse` makes one and waits for its instance. */
  constructor(sender: Asker, connection: Connection, service: string, options: ConversationOptions) {
    this.#sender = sender;
    this.#connection = connection;
    this.#service = service;
    this.#options = options;
    requireAddress(service, 'service');
    this.#part = {
      stanza: (stanza) => this.#take(stanza),
      // The session is over, and with it the presence that tied the two together.
      offline: () => this.#lose('the session ended'),
      online: () => void this.instance().catch(() => undefined),
      leave: () => this.close(),
    };
    connection.add(this.#part);
  }

  /** The instance that serves now, or the next one found; fails when there is none in time. */
  async instance(): Promise<string> {
    if (this.#closed.signal.aborted) throw new Error('the conversation is closed');
    if (this.#instance !== undefined) return this.#instance;
    this.#finding ??= this.#find().finally(() => {
      this.#finding = undefined;
    });
    return await this.#finding;
  }

  /** Sends a message to the instance; resolves with its id once it is written. */
  async send(content: Content): Promise<string> {
    return await this.#sender.send(await this.instance(), content);
  }

  /**
   * Asks the instance. When it goes before it has answered: with `repeat` the next instance is asked
   * the same, which then may be done twice; without, this fails with `InstanceGone`.
   */
  async ask(content: Content, { repeat = false }: { readonly repeat?: boolean } = {}): Promise<Answer> {
    for (;;) {
      try {
        return await this.#askOnce(content);
      } catch (error) {
        if (!repeat || !(error instanceof InstanceGone)) throw error;
      }
    }
  }

  /** Ends the conversation and tells the instance. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    this.#connection.remove(this.#part);
    const instance = this.#instance;
    this.#lose('the conversation was closed');
    if (instance !== undefined) {
      await this.#connection.send(xml('presence', { to: instance, type: 'unavailable' })).catch(() => undefined);
    }
  }

  async #askOnce(content: Content): Promise<Answer> {
    const instance = await this.instance();
    let watch: (gone: string) => void = () => undefined;
    const gone = new Promise<never>((_, reject) => {
      watch = (reason) => reject(new InstanceGone(`${instance} went before it answered: ${reason}`));
    });
    this.#watchers.add(watch);
    try {
      const answer = this.#sender.ask(instance, content).catch((error: unknown) => {
        if (!(error instanceof StanzaError) || !ghost.test(error.condition)) throw error;
        if (this.#instance === instance) this.#lose(error.message);
        throw new InstanceGone(`${instance} is gone: ${error.message}`);
      });
      return await Promise.race([answer, gone]);
    } finally {
      this.#watchers.delete(watch);
    }
  }

  async #find(): Promise<string> {
    const { timeout = 30_000 } = this.#options;
    const deadline = Date.now() + timeout;
    const backoff = new Backoff(250, 5_000);
    let why: unknown = new Error('nobody answered');
    while (Date.now() < deadline && !this.#closed.signal.aborted) {
      try {
        const found = await this.#ping();
        this.#instance = found;
        await this.#connection.send(xml('presence', { to: found }, this.#connection.capabilities));
        this.#connection.notify({ event: 'found', text: found });
        return found;
      } catch (error) {
        this.#instance = undefined;
        why = error;
        await pause(Math.min(backoff.next(), Math.max(0, deadline - Date.now())), this.#closed.signal);
      }
    }
    throw new Error(`${this.#service}: no instance: ${why instanceof Error ? why.message : String(why)}`, {
      cause: why,
    });
  }

  /** A message, since requests to a bare JID are answered by servers and never by an instance. */
  async #ping(): Promise<string> {
    const id = randomUUID();
    const { pingTimeout = 5_000 } = this.#options;
    const over = new AbortController();
    const pong = new Promise<string | StanzaError>((resolve) => {
      this.#pong = { id, take: resolve };
    });
    try {
      await this.#connection.sendOnceOnline(
        xml(
          'message',
          { to: this.#service, id, type: 'normal' },
          xml('ping', { xmlns: ns.dix }),
          xml('no-store', { xmlns: ns.hints }),
        ),
      );
      const found = await Promise.race([
        pong,
        pause(pingTimeout, over.signal).then(() => new Error('nobody answered')),
      ]);
      if (found instanceof Error) throw found;
      return found;
    } finally {
      over.abort();
      this.#pong = undefined;
    }
  }

  #take(stanza: Element): boolean {
    const { from = '', type, id } = stanza.attrs;
    if (stanza.name === 'presence') {
      const all = sameAddress(from, this.#service);
      const gone = type === 'unavailable' || type === 'error';
      if (this.#instance !== undefined && gone && (all || sameAddress(from, this.#instance))) this.#lose('it went');
      return false;
    }
    if (this.#pong?.id !== id || !sameAddress(bare(from), bare(this.#service))) return false;
    if (type === 'error') this.#pong?.take(readError(stanza));
    else if (stanza.getChild('pong', ns.dix) !== undefined) this.#pong?.take(from);
    return true;
  }

  #lose(reason: string): void {
    if (this.#instance === undefined) return;
    this.#connection.notify({ event: 'gone', text: `${this.#instance}: ${reason}` });
    this.#instance = undefined;
    for (const watch of this.#watchers) watch(reason);
    // Without being asked for, so that the next question finds it there.
    if (!this.#closed.signal.aborted && this.#connection.jid !== undefined) {
      void this.instance().catch(() => undefined);
    }
  }
}
