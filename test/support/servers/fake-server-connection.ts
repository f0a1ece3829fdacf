import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';

/** What a wait is for: a pattern, or a test of all text not yet consumed. */
export type Expectation = RegExp | ((text: string) => boolean);

/** Bound on one wait, in milliseconds: only for a readable failure instead of the runner's time-out. */
const patience = 30_000;

/** One connection at the fake server; made by `FakeServer`. */
export class FakeServerConnection {
  /** Resolves when the connection is closed, by whom and however it may be. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #decoder = new StringDecoder('utf8');
  readonly #watchers = new Set<() => void>();
  #text = '';
  #all = '';
  #bytes = 0;
  #ended = false;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#closed = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** All text received so far. */
  get received(): string {
    return this.#all;
  }

  /** Bytes received so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The component has closed its side. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Sends text or bytes as they are. */
  send(data: string | Uint8Array): void {
    this.#socket.write(data);
  }

  /**
   * Sends each chunk so that the component, in this process, reads it alone: two turns of the
   * event loop lie between.
   */
  async sendChunks(chunks: Iterable<string | Uint8Array>): Promise<void> {
    for (const chunk of chunks) {
      await new Promise<void>((resolve) => {
        this.#socket.write(chunk, () => resolve());
      });
      await turn();
      await turn();
    }
  }

  /**
   * Waits until what was received, and not yet consumed by an earlier `expect`, fits, and
   * consumes it: up to the end of the match of a pattern, all of it for a function. Gives
   * the consumed text. Fails when the connection ends first.
   */
  async expect(expectation: Expectation): Promise<string> {
    return this.#until(
      () => this.#consume(expectation),
      () => `waited for ${String(expectation)}, got ${JSON.stringify(this.#text)}`,
    );
  }

  /** The match of `pattern`, for its groups; else as `expect`. */
  async match(pattern: RegExp): Promise<RegExpExecArray> {
    const text = await this.expect(pattern);
    const match = pattern.exec(text);
    assert(match !== null);
    return match;
  }

  /** Waits for the component's stream header and gives it. */
  async header(): Promise<string> {
    return this.expect(/<stream:stream [^>]*>/);
  }

  /** Answers with a stream header as Prosody's. */
  sendHeader(id = '3BF96D32', attributes = "xmlns='jabber:component:accept'"): void {
    this.send(
      `<?xml version='1.0'?><stream:stream ${attributes} xmlns:stream='http://etherx.jabber.org/streams' ` +
        `from='pools.example.org' id='${id}' xml:lang='en'>`,
    );
  }

  /** Waits for the component's handshake and gives its hash. */
  async handshake(): Promise<string> {
    const match = await this.match(/<handshake>([^<]*)<\/handshake>/);
    return match[1] ?? '';
  }

  /** Lets the component attach: both headers, its handshake (checked when a secret is given), ours. */
  async attach({ secret, id = '3BF96D32' }: { secret?: string; id?: string } = {}): Promise<void> {
    await this.header();
    this.sendHeader(id);
    const hash = await this.handshake();
    if (secret !== undefined) assert.equal(hash, createHash('sha1').update(`${id}${secret}`, 'utf8').digest('hex'));
    this.send('<handshake/>');
  }

  /** Sends a stream error, the end of the stream, and closes. */
  sendStreamError(condition: string, text = ''): void {
    const more = text === '' ? '' : `<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>${text}</text>`;
    this.send(
      `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>${more}</stream:error></stream:stream>`,
    );
    this.#socket.end();
  }

  /** Reads nothing any more: the component's writes fill the buffers of the system. */
  stall(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#socket.resume();
  }

  /** Sends FIN and goes on reading. */
  halfClose(): void {
    this.#socket.end();
  }

  /** Sends RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Closes. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Waits until the component has closed its side (FIN or RST). */
  async end(): Promise<void> {
    await this.#until(
      () => (this.#ended || this.#closed ? '' : undefined),
      () => `waited for the end, got ${JSON.stringify(this.#text)}`,
    );
  }

  #data(chunk: Buffer): void {
    const text = this.#decoder.write(chunk);
    this.#bytes += chunk.length;
    this.#text += text;
    this.#all += text;
    this.#wake();
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #consume(expectation: Expectation): string | undefined {
    const text = this.#text;
    if (typeof expectation === 'function') {
      if (!expectation(text)) return undefined;
      this.#text = '';
      return text;
    }
    const match = new RegExp(expectation.source, expectation.flags.replace(/[gy]/g, '')).exec(text);
    if (match === null) return undefined;
    const end = match.index + match[0].length;
    this.#text = text.slice(end);
    return text.slice(0, end);
  }

  async #until(take: () => string | undefined, complaint: () => string): Promise<string> {
    return new Promise<string>((resolve, reject) => {
      const settle = (run: () => void): void => {
        this.#watchers.delete(look);
        clearTimeout(timer);
        run();
      };
      const timer = setTimeout(() => settle(() => reject(new Error(complaint()))), patience);
      const look = (): void => {
        const taken = take();
        if (taken !== undefined) settle(() => resolve(taken));
        else if (this.#ended || this.#closed) settle(() => reject(new Error(`the connection ended: ${complaint()}`)));
      };
      this.#watchers.add(look);
      look();
    });
  }
}

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
