import { StringDecoder } from 'node:string_decoder';
import type { Clock } from './clock.ts';
import { closedProblem, socketProblem, timeoutProblem, wrongPeerProblem } from './connection-problem.ts';
import { type LibraryStream, openLibraryStream, type XmlElement } from './library-stream.ts';
import type { LinkPhase, LinkProblem } from './link-problem.ts';
import type { LinkSettings } from './link-settings.ts';
import { readStreamError } from './read-stream-error.ts';
import { ReadingPace } from './reading-pace.ts';
import type { Target } from './route.ts';
import { sniffPeer } from './sniff-peer.ts';

/** What a stream tells its owner. Nothing here may throw. */
export interface StreamEvents {
  /** The server accepted the handshake. */
  online(): void;
  /** Bytes after the handshake, as they came. */
  data(chunk: Buffer): void;
  /** The stream is lost. Comes once, last, and not when the owner ended the stream. */
  closed(problem: LinkProblem): void;
}

/** A header or an answer to the handshake longer than this is none. */
const openingLimit = 64 * 1024;
const closeTag = '</stream:stream>';
const greaterThan = 0x3e;

/**
 * One attempt to attach, and the stream that comes of it (XEP-0114 section 3). The library
 * sees the bytes up to and including the server's `<handshake/>`, and none after it.
 */
export class ComponentStream {
  readonly #settings: LinkSettings & Target;
  readonly #events: StreamEvents;
  readonly #library: LibraryStream;
  readonly #pace: ReadingPace;
  readonly #decoder = new StringDecoder('utf8');
  readonly #cancelTimeout: () => void;
  #phase: LinkPhase | 'closed' = 'connecting';
  #accepted = false;
  #unread = 0;
  /** What came before the end of the handshake, and how much of it the library has parsed. */
  #opening = '';
  #parsed = 0;

  /** @throws when no socket can be made. */
  constructor(settings: LinkSettings & Target, clock: Clock, events: StreamEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#library = openLibraryStream(settings, {
      connected: () => this.#enter('header'),
      header: (header) => this.#header(header),
      element: (element) => this.#element(element),
      bytes: (chunk) => this.#bytes(chunk),
      malformed: () => this.#wrongPeer(),
      streamEnd: () => this.#ended(''),
      ended: () => this.#ended(''),
      failed: (error) => this.#failed(error),
      closed: () => this.#ended(''),
    });
    this.#pace = new ReadingPace(this.#library.socket);
    this.#cancelTimeout = clock.after(settings.handshakeTimeout, () => this.#timedOut());
  }

  /** What the server still wrote after the stream was finished, beside its own closing tag. */
  get unread(): number {
    return Math.max(0, this.#unread - closeTag.length);
  }

  /** Text given to the socket and not yet to the kernel, in UTF-16 code units. */
  get backlog(): number {
    return this.#library.socket.writableLength;
  }

  /** Bytes given to the socket so far, the opening of the stream included. */
  get bytesWritten(): number {
    return this.#library.socket.bytesWritten;
  }

  /** Gives text to the socket, in one write. Only while online. */
  write(text: string): void {
    if (this.#phase === 'online') this.#library.socket.write(text);
  }

  /**
   * Ends the stream and the connection as soon as the kernel has what was written; at once
   * when the peer does not read. No event comes after.
   */
  close(lastWords: string): void {
    const { socket } = this.#library;
    const opened = this.#phase === 'online' || this.#phase === 'handshake';
    const speak = opened && socket.writableLength === 0;
    this.#silence();
    if (!speak) {
      socket.destroy();
      return;
    }
    socket.write(lastWords + closeTag);
    socket.destroySoon();
  }

  /** Whether to read on. */
  read(on: boolean): void {
    const { socket } = this.#library;
    if (on) socket.resume();
    else socket.pause();
  }

  /**
   * Sends what is pending and the end of the stream, and resolves once TCP is closed, at the latest after `ms`.
   * @param late Gets what still comes.
   */
  async finish(ms: number, clock: Clock, late?: (chunk: Buffer) => void): Promise<void> {
    const { socket } = this.#library;
    const online = this.#phase === 'online';
    this.#silence();
    if (socket.destroyed) return;
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
    });
    const cancel = clock.after(ms, () => socket.destroy());
    if (online) {
      // The server ends the connection (RFC 6120 section 4.4): one that sees ours end may drop what it was about to write.
      this.#readToEnd(() => socket.end(), late);
      socket.write(closeTag);
    } else socket.destroy();
    await closed;
    cancel();
  }

  /** Counts what still comes, and calls `done` at the server's closing tag. */
  #readToEnd(done: () => void, late: ((chunk: Buffer) => void) | undefined): void {
    let end = '';
    this.#library.socket.on('data', (chunk: Buffer | string) => {
      this.#unread += chunk.length;
      late?.(Buffer.from(chunk));
      end = `${end}${chunk.toString('latin1')}`.slice(-closeTag.length);
      if (end === closeTag) done();
    });
  }

  #silence(): void {
    this.#phase = 'closed';
    this.#cancelTimeout();
    this.#library.detachParser();
  }

  #enter(phase: LinkPhase): void {
    if (this.#phase !== 'closed') this.#phase = phase;
  }

  #header(header: XmlElement): void {
    if (this.#phase !== 'header') return;
    const namespace = header.attrs['xmlns'];
    const stream = header.is('stream', 'http://etherx.jabber.org/streams');
    if (stream && namespace === 'jabber:client') this.#lost(wrongPeerProblem('c2s', this.#settings, ''));
    else if (stream && namespace === 'jabber:server') this.#lost(wrongPeerProblem('s2s', this.#settings, ''));
    else if (stream && namespace === 'jabber:component:accept' && header.attrs['id'] !== undefined)
      this.#phase = 'handshake';
    else this.#wrongPeer();
  }

  #element(element: XmlElement): void {
    if (this.#phase !== 'handshake' || this.#accepted) return;
    if (element.is('handshake')) {
      this.#accepted = true;
      return;
    }
    const error = readStreamError(element, this.#settings);
    if (error !== undefined) this.#lost(error);
    // Anything else before the answer is not for us to act on: the domain is not ours yet.
  }

  #bytes(chunk: Buffer): void {
    if (this.#phase === 'online') {
      this.#pace.took(chunk.length);
      this.#events.data(chunk);
      return;
    }
    let start = 0;
    // An element ends at a '>' and nowhere else: stopping at each keeps the library from what follows the handshake.
    while (start < chunk.length && !this.#accepted && this.#phase !== 'closed') {
      const end = chunk.indexOf(greaterThan, start) + 1 || chunk.length;
      this.#read(this.#decoder.write(chunk.subarray(start, end)));
      start = end;
    }
    if (!this.#accepted || this.#phase === 'closed') return;
    this.#goOnline();
    if (start < chunk.length && this.#stillOnline()) this.#events.data(chunk.subarray(start));
  }

  #read(text: string): void {
    this.#opening += text;
    const peer = sniffPeer(this.#opening);
    if (peer !== undefined || this.#opening.length > openingLimit) {
      this.#lost(wrongPeerProblem(peer ?? 'other', this.#settings, this.#opening));
      return;
    }
    // The library's parser loses its way when an XML declaration is split before its last character.
    if (!text.endsWith('>')) return;
    const whole = this.#opening.slice(this.#parsed);
    this.#parsed = this.#opening.length;
    try {
      this.#library.parse(whole);
    } catch {
      // ltx throws for an entity that it does not know.
      this.#wrongPeer();
    }
  }

  #goOnline(): void {
    this.#phase = 'online';
    this.#opening = '';
    this.#cancelTimeout();
    this.#library.detachParser();
    this.#events.online();
  }

  #stillOnline(): boolean {
    return this.#phase === 'online';
  }

  #wrongPeer(): void {
    this.#lost(wrongPeerProblem('other', this.#settings, this.#opening));
  }

  #timedOut(): void {
    if (this.#phase !== 'closed') this.#lost(timeoutProblem(this.#phase, this.#settings, this.#opening));
  }

  #ended(how: string): void {
    if (this.#phase === 'closed') return;
    if (this.#phase === 'header' && this.#opening.trim() !== '') this.#wrongPeer();
    else this.#lost(closedProblem(this.#phase, this.#settings, how));
  }

  #failed(error: Error): void {
    if (this.#phase !== 'closed') this.#lost(socketProblem(error, this.#phase, this.#settings));
  }

  #lost(problem: LinkProblem): void {
    if (this.#phase === 'closed') return;
    this.close('');
    this.#events.closed(problem);
  }
}
