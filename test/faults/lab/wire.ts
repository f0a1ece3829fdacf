import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenOnFreePort } from '../../support/free-ports.ts';

/** What the wire does with what is written into it. */
export type WireState =
  | { readonly kind: 'whole' }
  /** Nothing passes, and nobody is told: what a firewall that forgot the connection does. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'late'; readonly milliseconds: number }
  /** A few bytes at a time: every character of more than one byte is cut somewhere. */
  | { readonly kind: 'pieces'; readonly bytes: number; readonly pause: number };

/** A wire between the router and its server that can be cut, silenced and slowed down. */
export class Wire {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #target: number;
  #state: WireState = { kind: 'whole' };
  #changed: (() => void)[] = [];
  #port = 0;

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer((near) => this.#accept(near));
  }

  async start(): Promise<void> {
    this.#port = await listenOnFreePort(this.#server);
  }

  get port(): number {
    return this.#port;
  }

  /** How many there are through it. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** From now on, for connections that are there and for new ones. */
  become(state: WireState): void {
    this.#state = state;
    for (const go of this.#changed.splice(0)) go();
  }

  /** Ends all connections at once, without a word (RST where something was unread). */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.become({ kind: 'whole' });
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(near: Socket): void {
    const far = connect(this.#target, '127.0.0.1');
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => void this.#end(pair));
    }
    void this.#carry(near, far);
    void this.#carry(far, near);
  }

  /** The other end hears of it, but not over a silent wire. */
  async #end(pair: readonly [Socket, Socket]): Promise<void> {
    await this.#audible();
    for (const socket of pair) socket.destroy();
    this.#pairs.delete(pair);
  }

  async #audible(): Promise<void> {
    while (this.#state.kind === 'silent') {
      await new Promise<void>((resolve) => {
        this.#changed.push(resolve);
      });
    }
  }

  async #carry(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from) await this.#pass(chunk as Buffer, to);
      await this.#audible();
      to.end();
    } catch {
      // One side is gone, and so is the other.
    }
  }

  async #pass(chunk: Buffer, to: Socket): Promise<void> {
    await this.#audible();
    if (to.destroyed) return;
    const state = this.#state;
    if (state.kind === 'late') await sleep(state.milliseconds);
    if (state.kind !== 'pieces') {
      to.write(chunk);
      return;
    }
    for (let start = 0; start < chunk.length; start += state.bytes) {
      if (this.#state !== state) {
        to.write(chunk.subarray(start));
        return;
      }
      to.write(chunk.subarray(start, start + state.bytes));
      await sleep(state.pause);
    }
  }
}
