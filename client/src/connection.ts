import { randomUUID } from 'node:crypto';
import { requireAddress } from './address.ts';
import { capsElement, discoInfo } from './caps.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { type Element, xml } from './element.ts';
import { ns } from './namespaces.ts';
import { NotConnected } from './not-connected.ts';
import { type Notice, tellTrouble } from './notice.ts';
import type { Part } from './part.ts';
import { pause, within } from './pause.ts';
import { Pending } from './pending.ts';
import { Reconnecting } from './reconnecting.ts';
import { errorElement, errorFor, readError } from './stanza-error.ts';
import type { Dial, Stream } from './stream.ts';
import { isTransfer } from './transfer.ts';
import { dialXmpp } from './xmpp-stream.ts';

const baseFeatures = [ns.caps, ns.discoInfo, ns.ping];

/** Milliseconds that the server has to answer a ping. */
const pingLimit = 15_000;

/** Milliseconds until a stanza that could not be written is tried again. */
const retry = 100;

/** An XMPP session that stays: it reconnects, notices a dead line, and can be moved by whom it trusts. */
export class Connection {
  /** Told what happens. */
  readonly notify: (notice: Notice) => void;
  readonly #options: ConnectionOptions;
  readonly #pending = new Pending();
  readonly #parts = new Set<Part>();
  readonly #life: Reconnecting;
  #stream: Stream | undefined;
  #heard = 0;
  #keepalive: NodeJS.Timeout | undefined;

  /** `dial` is for tests. */
  constructor(options: ConnectionOptions, dial: Dial = dialXmpp) {
    this.#options = options;
    this.notify = options.notify ?? tellTrouble;
    const address = requireAddress(options.address, 'address');
    if (address.local === undefined) throw new TypeError(`address: ${options.address} has no user`);
    this.#life = new Reconnecting(options, { ...address, local: address.local }, dial, {
      stanza: (stanza) => this.#take(stanza),
      request: (iq) => this.#answer(iq),
      online: (stream) => this.#online(stream),
      offline: (reason) => this.#offline(reason),
      leave: () => this.#leave(),
      notify: this.notify,
    });
  }

  /** Full JID of the session; `undefined` while there is none. */
  get jid(): string | undefined {
    return this.#stream?.jid;
  }

  /** The host that the session is on, with its port if that was given; `undefined` when DNS chose it. */
  get server(): string | undefined {
    return this.#life.server;
  }

  /** What the session can do, as it tells those who ask (XEP-0030). */
  get features(): readonly string[] {
    const all = [...this.#parts].flatMap((part) => part.features ?? []);
    const transfer = (this.#options.transfersFrom ?? []).length === 0 ? [] : [ns.transfer, ns.oldTransfer];
    return [...new Set([...baseFeatures, ...transfer, ...all])];
  }

  /** Entity capabilities (XEP-0115), for presence. */
  get capabilities(): Element {
    return capsElement(this.features);
  }

  /** Puts a worker or a sender on the connection. */
  add(part: Part): void {
    this.#parts.add(part);
    if (this.#stream !== undefined) part.online?.();
  }

  remove(part: Part): void {
    this.#parts.delete(part);
  }

  /** Logs in. Only the first login may fail; from then on the connection comes back by itself. Resolves with the full JID. */
  start(): Promise<string> {
    return this.#life.start();
  }

  /** Lets the workers finish (at most `drainTimeout`), and logs out. */
  async stop(): Promise<void> {
    await this.#life.stop();
    for (const part of this.#parts) part.stopped?.();
  }

  /** Logs in, and stops on SIGTERM or SIGINT; settles when all is over. */
  async run(): Promise<void> {
    let end: () => void = () => undefined;
    const told = new Promise<void>((resolve) => {
      end = resolve;
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);
    try {
      await this.start();
      await told;
    } finally {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, end);
      await this.stop();
    }
  }

  /** Sends a stanza; settles when it is written, fails with `NotConnected` when there is no session. */
  async send(stanza: Element): Promise<void> {
    if (this.#stream === undefined) throw new NotConnected('there is no session now');
    await this.#stream.write(stanza);
  }

  /** Sends when there is a session: at once, or after the next login. Fails when the connection was stopped. */
  async sendOnceOnline(stanza: Element): Promise<void> {
    for (;;) {
      await this.#life.online();
      const stream = this.#stream;
      try {
        await this.send(stanza);
        return;
      } catch (error) {
        // The end of a session shows in a write before it is told.
        await pause(retry);
        if (this.#stream === stream && !(error instanceof NotConnected)) throw error;
      }
    }
  }

  /**
   * Sends a request and waits for the answer of this very address, result or error.
   * The request needs an `id`, a `to` and one child.
   */
  async exchange(iq: Element, timeout = 30_000): Promise<Element> {
    const { id = '', to = '' } = iq.attrs;
    const answer = this.#pending.wait(id, to, timeout);
    await this.send(iq).catch((error: unknown) => {
      this.#pending.abandon(id, error instanceof Error ? error : new Error(String(error)));
    });
    return await answer;
  }

  /** Asks, and resolves with the payload of the result, if it has one. Fails with a `StanzaError` when the answer is an error. */
  async request(
    to: string,
    payload: Element,
    type: 'get' | 'set' = 'get',
    timeout?: number,
  ): Promise<Element | undefined> {
    const answer = await this.exchange(xml('iq', { type, to, id: randomUUID() }, payload), timeout);
    if (answer.attrs['type'] === 'error') throw readError(answer);
    return answer.getChildElements()[0];
  }

  #online(stream: Stream): void {
    this.#stream = stream;
    this.#heard = Date.now();
    const { keepalive = 60_000 } = this.#options;
    this.#keepalive = setInterval(() => void this.#prove(stream, keepalive), keepalive);
    for (const part of this.#parts) part.online?.();
  }

  #offline(reason: string): void {
    clearInterval(this.#keepalive);
    this.#stream = undefined;
    this.#pending.abandonAll(reason);
    for (const part of this.#parts) part.offline?.();
  }

  async #leave(): Promise<void> {
    const { drainTimeout = 30_000 } = this.#options;
    const over = await within(drainTimeout, Promise.all([...this.#parts].map(async (part) => part.leave?.())));
    if (!over) this.notify({ event: 'problem', text: `work in hand was not over after ${drainTimeout / 1000} s` });
  }

  /** A line that died without a word looks alive; a ping tells. Any answer proves it. */
  async #prove(stream: Stream, keepalive: number): Promise<void> {
    if (Date.now() - this.#heard < keepalive) return;
    const to = requireAddress(stream.jid, 'jid').domain;
    const iq = xml('iq', { type: 'get', to, id: randomUUID() }, xml('ping', { xmlns: ns.ping }));
    await this.exchange(iq, pingLimit).catch(() => {
      if (this.#stream === stream && Date.now() - this.#heard >= pingLimit) stream.kill();
    });
  }

  #take(stanza: Element): void {
    this.#heard = Date.now();
    if (stanza.name !== 'iq') {
      [...this.#parts].some((part) => part.stanza(stanza));
    } else if (/^(result|error)$/.test(stanza.attrs['type'] ?? '')) {
      if (this.#pending.take(stanza, this.jid ?? '') === 'forged') {
        this.notify({ event: 'problem', text: `${stanza.attrs['from']} answered what it was not asked; ignored` });
      }
    }
  }

  /** The library answers pings, and what nobody answers here, with `service-unavailable`. */
  async #answer(iq: Element): Promise<Element | true | undefined> {
    try {
      if (isTransfer(iq)) return this.#life.transfer(iq);
      const query = iq.getChild('query', ns.discoInfo);
      if (query !== undefined && iq.attrs['type'] === 'get') return discoInfo(query, this.features);
      for (const part of this.#parts) {
        const answer = part.request?.(iq);
        if (answer !== undefined) return await answer;
      }
      return undefined;
    } catch (error) {
      return errorElement(errorFor(error));
    }
  }
}
