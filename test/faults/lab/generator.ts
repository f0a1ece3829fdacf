import { setTimeout as sleep } from 'node:timers/promises';
import { type Element, xml } from '@xmpp/client';
import { connectClient, type TestClient } from '../../support/clients/xmpp-client.ts';
import { EventLog } from './events.ts';
import { deliveryNamespace, readAnswer, receiptsNamespace, writePayload } from './message.ts';

interface SenderOptions {
  readonly port: number;
  readonly user: string;
  readonly resource: string;
  readonly pool: string;
  readonly folder: string;
  /** `durable`: asks for `<queued/>` and for a receipt, and sends again what is neither queued nor returned. */
  readonly style: 'plain' | 'durable';
  /** Of so many messages one is poison; 0: none. */
  readonly poisonEvery: number;
  /** Sends again what is neither queued nor returned; true when absent. */
  readonly insists?: boolean;
}

/** Milliseconds without an answer after which a message is sent again under its origin-id. */
const resendAfter = 2_500;
const retry = 150;

/** A sender that logs what it sends and what it hears, and comes back when the server does. */
class Sender {
  readonly jid: string;
  /** Sent, and neither queued nor returned: when it was sent last, by id. */
  readonly #unheard = new Map<string, { readonly stanza: string; at: number; readonly seq: number }>();
  readonly #options: SenderOptions;
  readonly #log: EventLog;
  #client: TestClient | undefined;
  #seq = 0;
  #running = true;
  #living: Promise<void> | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.jid = `${options.user}@localhost/${options.resource}`;
    this.#log = new EventLog(options.folder, `sender-${options.resource}`);
  }

  /** Connects; from then on it reconnects by itself. */
  async start(): Promise<void> {
    this.#client = await this.#connect();
    this.#living = this.#live();
  }

  /** Messages that nobody has accepted or returned yet. */
  get waiting(): number {
    return this.#unheard.size;
  }

  get sent(): number {
    return this.#seq;
  }

  /** Sends the next message, if the server is there. */
  async send(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    const { pool, resource, style, poisonEvery } = this.#options;
    this.#seq += 1;
    const seq = this.#seq;
    const id = `${resource}-${seq}`;
    const poison = poisonEvery > 0 && seq % poisonEvery === 0;
    const stanza = xml(
      'message',
      { to: pool, type: 'chat', id },
      xml('body', {}, writePayload({ id, sender: this.jid, seq, poison })),
      xml('origin-id', { xmlns: 'urn:xmpp:sid:0', id: `o-${id}` }),
      ...(style === 'plain'
        ? []
        : [xml('request', { xmlns: receiptsNamespace }), xml('deliver', { xmlns: deliveryNamespace, queued: 'true' })]),
    ).toString();
    if (style === 'durable' && this.#options.insists !== false)
      this.#unheard.set(id, { stanza, at: performance.now(), seq });
    this.#log.write(this.jid, { kind: 'sent', id, seq, again: false });
    await client.send(stanza).catch(() => undefined);
  }

  /** Sends again what has waited too long. */
  async insist(): Promise<void> {
    const now = performance.now();
    for (const [id, message] of this.#unheard) {
      if (this.#client === undefined || now - message.at < resendAfter) continue;
      message.at = now;
      this.#log.write(this.jid, { kind: 'sent', id, seq: message.seq, again: true });
      await this.#client.send(message.stanza).catch(() => undefined);
    }
  }

  /** Waits until what was sent to this address before has gone its way, as far as the server goes. */
  async settled(to: string): Promise<void> {
    const client = this.#client;
    if (client === undefined) throw new Error(`${this.jid} is not connected`);
    await client.request(
      xml('iq', { type: 'get', to, id: `settled-${performance.now()}` }, xml('ping', { xmlns: 'urn:xmpp:ping' })),
    );
  }

  async end(): Promise<void> {
    this.#running = false;
    this.#client?.kill();
    await this.#living;
  }

  #connect(): Promise<TestClient> {
    const { port, user, resource } = this.#options;
    return connectClient({ port, user, password: 'pw', resource });
  }

  async #live(): Promise<void> {
    while (this.#running) {
      try {
        this.#client ??= await this.#connect();
        for (;;) this.#take(await this.#client.waitFor(({ name }) => name === 'message', 'a message', 3_600_000));
      } catch {
        this.#client = undefined;
        await sleep(retry);
      }
    }
  }

  #take(message: Element): void {
    const { type, from = '' } = message.attrs;
    if (type === 'error') {
      const { id = '' } = message.attrs;
      const condition = message.getChild('error')?.getChildElements()[0]?.name ?? 'none';
      this.#unheard.delete(id);
      this.#log.write(this.jid, { kind: 'bounce', id, condition });
      return;
    }
    const queued = message.getChild('queued', deliveryNamespace)?.attrs['id'];
    if (queued !== undefined) {
      this.#unheard.delete(queued);
      this.#log.write(this.jid, { kind: 'queued', id: queued });
    }
    const received = message.getChild('received', receiptsNamespace)?.attrs['id'];
    if (received !== undefined) {
      this.#unheard.delete(received);
      this.#log.write(this.jid, { kind: 'receipt', id: received });
    }
    const answer = readAnswer(message.getChildText('body'));
    if (answer !== undefined) {
      this.#log.write(this.jid, { kind: 'answer', id: answer.answers, sender: answer.sender, from });
    }
  }
}

/** Several senders at a steady pace. */
export class Generator {
  readonly senders: readonly Sender[];
  #pace: { stop: boolean } | undefined;
  #running: Promise<void> | undefined;

  /** @param options Of every sender; each is also its own resource. */
  constructor(users: readonly string[], options: Omit<SenderOptions, 'user' | 'resource'>) {
    this.senders = users.map((user) => new Sender({ ...options, user, resource: user }));
  }

  async start(): Promise<void> {
    for (const sender of this.senders) await sender.start();
  }

  get waiting(): number {
    return this.senders.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  get sent(): number {
    return this.senders.reduce((sum, { sent }) => sum + sent, 0);
  }

  /** @param perSecond Messages of all senders together. */
  begin(perSecond: number): void {
    const pace = { stop: false };
    this.#pace = pace;
    this.#running = this.#run(pace, perSecond);
  }

  /** As many at once as asked for, from each in turn, without waiting for anything. */
  burst(count: number): void {
    for (let n = 0; n < count; n += 1) void this.senders[n % this.senders.length]?.send();
  }

  async end(): Promise<void> {
    if (this.#pace !== undefined) this.#pace.stop = true;
    await this.#running;
  }

  /** Sends again what has had no answer for long. */
  async insist(): Promise<void> {
    for (const sender of this.senders) await sender.insist();
  }

  async close(): Promise<void> {
    await this.end();
    for (const sender of this.senders) await sender.end();
  }

  async #run(pace: { readonly stop: boolean }, perSecond: number): Promise<void> {
    const start = performance.now();
    for (let sent = 0; !pace.stop; sent += 1) {
      const due = start + (sent * 1_000) / perSecond;
      if (due > performance.now()) await sleep(Math.max(5, due - performance.now()));
      await this.senders[sent % this.senders.length]?.send();
      if (sent % perSecond === 0) await this.insist();
    }
  }
}
