import type { Address } from './address.ts';
import { Backoff } from './backoff.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { Element } from './element.ts';
import type { Notify } from './notice.ts';
import { pause, within } from './pause.ts';
import { StanzaError } from './stanza-error.ts';
import type { Dial, Login, Stream } from './stream.ts';
import { decideMove, decideTransfer, hostOf, isLoopback, type Move, type TransferPolicy } from './transfer.ts';

/** Milliseconds that a session must last to count as stable. */
const stable = 60_000;
/** Milliseconds that stopping waits for a login that is under way. */
const closing = 5_000;

export interface LifeEvents {
  stanza(stanza: Element): void;
  request(iq: Element): Promise<Element | true | undefined>;
  online(stream: Stream): void;
  offline(reason: string): void;
  /** Before the session is closed on purpose: finish what is in hand. */
  leave(): Promise<void>;
  notify: Notify;
}

/** Opens sessions one after the other: the next when one has ended, elsewhere when told so by whom it trusts. */
export class Reconnecting {
  readonly #options: ConnectionOptions;
  readonly #account: Address & { readonly local: string };
  readonly #dial: Dial;
  readonly #events: LifeEvents;
  readonly #stopped = new AbortController();
  readonly #backoff: Backoff;
  #stream: Stream | undefined;
  #life: Promise<void> | undefined;
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  /** Where the next sessions go; `undefined`: to the configured address. */
  #moved: Move | undefined;
  /** Transfers in a row. */
  #moves = 0;
  /** A transfer was accepted and the session is being closed for it. */
  #moving = false;
  /** The next session is to be opened at once, where it was sent to. */
  #hop = false;
  /** When the session was opened. */
  #since = 0;

  constructor(
    options: ConnectionOptions,
    account: Address & { readonly local: string },
    dial: Dial,
    events: LifeEvents,
  ) {
    this.#options = options;
    this.#account = account;
    this.#dial = dial;
    this.#events = events;
    this.#backoff = new Backoff(options.reconnect?.min ?? 1000, options.reconnect?.max ?? 60_000);
  }

  async start(): Promise<string> {
    if (this.#life !== undefined) throw new Error('the connection was started before');
    const first = await this.#first();
    this.#life = this.#live(first);
    return first.stream.jid;
  }

  async stop(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    if (this.#stream !== undefined) await this.#events.leave();
    this.#stopped.abort();
    await this.#stream?.close();
    await within(closing, this.#life ?? Promise.resolve());
    this.#settleWaiting(new Error('the connection has stopped'));
  }

  /** The service that the session is on, as `host:port`; `undefined` when DNS chose it. */
  get server(): string | undefined {
    const { service } = this.#login();
    const host = URL.canParse(service ?? '') ? new URL(service ?? '').host : '';
    return host === '' ? undefined : host;
  }

  /** Settles when there is a session. */
  online(): Promise<void> {
    if (this.#stream !== undefined) return Promise.resolve();
    if (this.#stopped.signal.aborted) return Promise.reject(new Error('the connection has stopped'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  /** Obeys a transfer, or throws the error to answer. The answer goes out before the session ends. */
  transfer(iq: Element): true {
    try {
      if (this.#moving) throw new StanzaError('wait', 'conflict', 'A transfer is under way.');
      const move = decideTransfer(iq, this.#policy());
      this.#moving = true;
      setTimeout(() => void this.#move(move, iq.attrs['from'] ?? ''), 0);
      return true;
    } catch (error) {
      this.#refuse(`transfer asked for by ${iq.attrs['from']}`, error);
      throw error;
    }
  }

  async #move(move: Move, by: string): Promise<void> {
    this.#accept(move, by);
    await this.#events.leave();
    await this.#stream?.close();
    this.#moving = false;
  }

  #accept(move: Move, by: string): void {
    this.#moves += 1;
    this.#moved = move;
    this.#hop = true;
    this.#events.notify({
      event: 'moved',
      text: `${by} moves the session to ${move.service ?? 'its configured address'}`,
    });
  }

  #refuse(what: string, error: unknown): void {
    const text = `${what} is not obeyed: ${error instanceof Error ? error.message : String(error)}`;
    this.#events.notify({ event: 'not-moved', text, error });
  }

  #policy(): TransferPolicy {
    const { service, transfersFrom = [] } = this.#options;
    const secure = this.#stream?.secure ?? this.#requireTls();
    if (this.#stream !== undefined && Date.now() - this.#since >= stable) this.#moves = 0;
    return { domain: this.#account.domain, trusted: transfersFrom, service, secure, count: this.#moves };
  }

  #requireTls(): boolean {
    const { tls, service } = this.#options;
    return tls === undefined ? service === undefined || !isLoopback(hostOf(service) ?? '') : tls === 'required';
  }

  async #live(first: Session): Promise<void> {
    let session: Session | undefined = first;
    while (session !== undefined) {
      if (this.#stopped.signal.aborted) {
        await session.stream.close();
        return;
      }
      this.#begin(session);
      const reason = await session.ended;
      if (Date.now() - this.#since >= stable) this.#backoff.reset();
      session = await this.#again(reason);
    }
  }

  #begin(session: Session): void {
    if (session.over) return;
    this.#since = Date.now();
    this.#stream = session.stream;
    this.#events.notify({ event: 'online', text: session.stream.jid });
    this.#events.online(session.stream);
    this.#settleWaiting();
  }

  /** Tries until there is a session again; gives none once the connection is stopped. */
  async #again(reason: string): Promise<Session | undefined> {
    for (let told = reason, wait = !this.#hop; ; ) {
      this.#hop = false;
      if (wait && !this.#stopped.signal.aborted) {
        this.#events.notify({ event: 'offline', text: `${told}; trying again` });
        await pause(this.#backoff.next(), this.#stopped.signal);
      }
      if (this.#stopped.signal.aborted) return undefined;
      try {
        return await this.#open();
      } catch (error) {
        told = error instanceof Error ? error.message : String(error);
        wait = !this.#hop && this.#moved === undefined;
        if (!this.#hop && this.#moved !== undefined) {
          this.#events.notify({ event: 'not-moved', text: `${told}; back to the configured address`, error });
          this.#moved = undefined;
        }
      }
    }
  }

  async #open(): Promise<Session> {
    let end: (reason: string) => void = () => undefined;
    const ended = new Promise<string>((resolve) => {
      end = resolve;
    });
    let over = false;
    const stream = await this.#dial(this.#login(), {
      stanza: (stanza) => this.#events.stanza(stanza),
      request: (iq) => this.#events.request(iq),
      seeOtherHost: (host) => this.#seeOtherHost(host),
      problem: (error) => this.#events.notify({ event: 'problem', text: error.message, error }),
      closed: (reason) => {
        over = true;
        // At once, so that nobody writes to what is gone. It may also end before it was of any use.
        if (this.#stream !== undefined) this.#events.offline(reason);
        this.#stream = undefined;
        end(reason);
      },
    });
    return {
      stream,
      ended,
      get over() {
        return over;
      },
    };
  }

  /** The first session: the server may send it elsewhere, but there is no second try at the same address. */
  async #first(): Promise<Session> {
    try {
      return await this.#open();
    } catch (error) {
      if (!this.#hop) throw error;
      this.#hop = false;
      return await this.#first();
    }
  }

  /** The server closes the stream by itself after this. */
  #seeOtherHost(host: string): void {
    try {
      this.#accept(decideMove(host, this.#policy()), 'the server');
    } catch (error) {
      this.#refuse(`see-other-host ${JSON.stringify(host)}`, error);
    }
  }

  #login(): Login {
    const { password, service, mechanism } = this.#options;
    const { local, domain, resource } = this.#account;
    const target = this.#moved?.service === undefined ? service : this.#moved.service;
    const requireTls = this.#moved?.requireTls ?? this.#requireTls();
    return { username: local, domain, resource, password, service: target, requireTls, mechanism };
  }

  #settleWaiting(error?: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve, reject } of waiting) {
      if (error === undefined) resolve();
      else reject(error);
    }
  }
}

interface Session {
  readonly stream: Stream;
  /** Settles with the reason of its end. */
  readonly ended: Promise<string>;
  readonly over: boolean;
}
