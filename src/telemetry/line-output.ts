import { write, writeSync } from 'node:fs';

/** Lines held for an output that does not read, in UTF-16 code units; what is over it is lost. */
const bufferLimit = 4 * 1024 * 1024;
/** Before a full pipe is tried again, in milliseconds. */
const retryAfter = 50;

/**
 * Writes lines to a file descriptor without waiting for it. A reader that stalls cannot hold up
 * the process, and an output that fails (closed pipe, full disk) loses lines and nothing else:
 * pino's own destination retries for ever when it is flushed onto a full disk.
 */
export class LineOutput {
  readonly #fd: number;
  #waiting: string[] = [];
  #size = 0;
  #writing = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(line: string): void {
    if (this.#size + line.length > bufferLimit) return;
    this.#waiting.push(line);
    this.#size += line.length;
    if (!this.#writing) this.#send(this.#take());
  }

  /** Writes what waits, as far as the output takes it at once. */
  flush(): void {
    let rest = this.#take();
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.#fd, rest));
    } catch {
      // A full or broken output: the process is about to end, and there is nowhere left to tell it.
    }
  }

  #take(): Buffer {
    const lines = this.#waiting.join('');
    this.#waiting = [];
    this.#size = 0;
    return Buffer.from(lines);
  }

  #send(bytes: Buffer): void {
    this.#writing = true;
    write(this.#fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#send(bytes), retryAfter).unref();
        return;
      }
      const rest = error === null ? bytes.subarray(written) : Buffer.alloc(0);
      if (rest.length > 0) this.#send(rest);
      else if (this.#waiting.length > 0) this.#send(this.#take());
      else this.#writing = false;
    });
  }
}
