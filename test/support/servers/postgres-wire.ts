import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { listenOnFreePort } from '../free-ports.ts';

/** One connection through a wire. */
export interface Strand {
  /** Keeps back what the client sends from now on, until `release`. */
  holdRequests(): void;
  /** Keeps back what the server answers from now on, until `release`. */
  holdAnswers(): void;
  /** Bytes of the client that are kept back. */
  readonly held: number;
  /** Gives the server what was kept back; answers go to the client, if it is there. */
  release(): void;
  /** Ends the client's side without a word; the server's stays, with what is still on its way. */
  cut(): void;
}

/** A wire between a client and PostgreSQL whose connections can be held and cut, each side by itself. */
export interface PostgresWire {
  readonly port: number;
  /** In the order in which they came, also those that have ended. */
  readonly strands: readonly Strand[];
  /** Whether new connections are taken; when not, they are reset. */
  open: boolean;
  close(): Promise<void>;
}

class Pair implements Strand {
  readonly #near: Socket;
  readonly #far: Socket;
  #requests: Buffer[] | undefined;
  #answers: Buffer[] | undefined;

  constructor(near: Socket, far: Socket) {
    this.#near = near;
    this.#far = far;
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.on('data', (chunk) => pass(far, chunk, this.#requests));
    far.on('data', (chunk) => pass(near, chunk, this.#answers));
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.on('close', () => void (this.#requests === undefined && far.destroy()));
    far.on('close', () => void (this.#answers === undefined && near.destroy()));
  }

  get held(): number {
    return (this.#requests ?? []).reduce((sum, { length }) => sum + length, 0);
  }

  holdRequests(): void {
    this.#requests ??= [];
  }

  holdAnswers(): void {
    this.#answers ??= [];
  }

  release(): void {
    for (const chunk of this.#requests ?? []) this.#far.write(chunk);
    for (const chunk of this.#answers ?? []) this.#near.write(chunk);
    this.#requests = undefined;
    this.#answers = undefined;
  }

  cut(): void {
    this.#near.resetAndDestroy();
  }

  end(): void {
    this.#near.destroy();
    this.#far.destroy();
  }
}

function pass(to: Socket, chunk: Buffer, kept: Buffer[] | undefined): void {
  if (kept !== undefined) kept.push(chunk);
  else if (!to.destroyed) to.write(chunk);
}

/** @param target The port of PostgreSQL on 127.0.0.1. */
export async function startPostgresWire(target: number): Promise<PostgresWire> {
  const strands: Pair[] = [];
  const server: Server = createServer((near) => {
    if (wire.open) strands.push(new Pair(near, connect(target, '127.0.0.1')));
    else near.resetAndDestroy();
  });
  const port = await listenOnFreePort(server);
  const wire = {
    port,
    strands,
    open: true,
    async close() {
      for (const strand of strands) strand.end();
      server.close();
      await once(server, 'close');
    },
  };
  return wire;
}
