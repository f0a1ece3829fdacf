import type { IncomingMessage } from 'node:http';
import { openRequest } from '../../test/support/clients/http-client.ts';

/** What consoles were sent. */
interface Traffic {
  readonly states: number;
  readonly bytes: number;
}

/**
 * Consoles as the router sees them: streams that are read. They have no page to draw, so that what is measured
 * is the router and not a browser on the same machine.
 */
export class Consoles {
  readonly #streams: readonly IncomingMessage[];
  #states = 0;
  #bytes = 0;

  constructor(streams: readonly IncomingMessage[]) {
    this.#streams = streams;
    for (const stream of streams) {
      stream.on('error', () => undefined);
      stream.on('data', (chunk: Buffer) => {
        this.#bytes += chunk.length;
        if (chunk.includes('event: state')) this.#states += 1;
      });
    }
  }

  /** Opens a console for each page, and resolves when each has been sent all that it looks at. */
  static async open(listen: string, pages: readonly string[]): Promise<Consoles> {
    const paths = pages.flatMap((pool) => [
      '/v1/watch/service.overview',
      `/v1/watch/pools.show?pool=${pool}`,
      `/v1/watch/workers.list?pool=${pool}&skip=0&limit=1000`,
    ]);
    const streams = await Promise.all(paths.map((path) => openRequest(listen, { path })));
    const wrong = streams.find(({ statusCode }) => statusCode !== 200);
    if (wrong !== undefined) throw new Error(`a stream was answered with ${wrong.statusCode}`);
    const begun = Promise.all(streams.map((stream) => new Promise((resolve) => stream.once('data', resolve))));
    const consoles = new Consoles(streams);
    await begun;
    return consoles;
  }

  /** What was sent since the last call. */
  take(): Traffic {
    const traffic = { states: this.#states, bytes: this.#bytes };
    [this.#states, this.#bytes] = [0, 0];
    return traffic;
  }

  /** Closes them all. */
  async close(): Promise<void> {
    const closed = this.#streams.map((stream) => new Promise((resolve) => stream.once('close', resolve)));
    for (const stream of this.#streams) stream.destroy();
    await Promise.all(closed);
  }
}
