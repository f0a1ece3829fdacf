import type { Socket } from 'node:net';

/** Bytes that one turn of the event loop reads: about nine hundred short messages. */
const perTurn = 256 * 1024;

/**
 * Bounds what one turn of the event loop reads. Of a socket that has more and more a turn takes up to 2 MB, and all the
 * while nobody else is heard: the disk reports a batch, and lies idle because the next one is not posted yet.
 */
export class ReadingPace {
  readonly #socket: Socket;
  #read = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Notes that so many bytes were read. After enough of them the rest comes on the next turn. */
  took(bytes: number): void {
    this.#read += bytes;
    if (this.#read < perTurn) return;
    this.#read = 0;
    this.#socket.pause();
    setImmediate(() => this.#socket.resume());
  }
}
