import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer, Server as SecureServer } from 'node:tls';
import { listenOnFreePort } from '../free-ports.ts';
import { FakeServerConnection } from './fake-server-connection.ts';

/**
 * A server on loopback that does what a test tells it, right or wrong, at the level of bytes.
 * It does nothing by itself.
 *
 * ```ts
 * const server = await FakeServer.start();
 * link.start();                                     // to 127.0.0.1, server.port
 * const connection = await server.attach();         // header, handshake: the link is online
 * connection.send("<message .../>");                // any text or bytes
 * await connection.expect(/<iq [^>]*type='result'/);// waits for what the component sends
 * await connection.reset();                         // or halfClose(), destroy(), stall()
 * await server.stop();
 * ```
 */
export class FakeServer {
  /** Stays the same over `refuse` and `listen`. */
  readonly port: number;
  readonly #server: Server;
  readonly #arrived: FakeServerConnection[] = [];
  readonly #waiting: ((connection: FakeServerConnection) => void)[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #open = new Set<FakeServerConnection>();
  #count = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    const accepted = server instanceof SecureServer ? 'secureConnection' : 'connection';
    server.on(accepted, (socket: Socket) => this.#connected(socket));
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(): Promise<FakeServer> {
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    return new FakeServer(server, await listenOnFreePort(server));
  }

  /** The same, under TLS. PEM texts. */
  static async startSecure(certificate: string, key: string): Promise<FakeServer> {
    const server = createSecureServer({ cert: certificate, key, noDelay: true, allowHalfOpen: true });
    // A client that does not trust us says so and leaves.
    server.on('tlsClientError', () => undefined);
    return new FakeServer(server, await listenOnFreePort(server));
  }

  /** Connections accepted since the start. */
  get connections(): number {
    return this.#count;
  }

  /** Connections now open. */
  get open(): number {
    return this.#open.size;
  }

  /** The next connection, in the order they come; nothing has been sent on it. */
  async accept(): Promise<FakeServerConnection> {
    const arrived = this.#arrived.shift();
    if (arrived !== undefined) return arrived;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Accepts the next connection and lets it attach; see `FakeServerConnection.attach`. */
  async attach(options: { secret?: string; id?: string } = {}): Promise<FakeServerConnection> {
    const connection = await this.accept();
    await connection.attach(options);
    return connection;
  }

  /** Stops listening: further connections are refused by the system. Open ones stay. */
  async refuse(): Promise<void> {
    assert(this.#server.listening, 'the fake server listens');
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    // close() waits for connections; the port is free at once.
    if (this.#open.size === 0) await closed;
  }

  /** Listens again, on the same port. */
  async listen(): Promise<void> {
    await listen(this.#server, this.port);
  }

  /** Closes all connections and the port. */
  async stop(): Promise<void> {
    for (const connection of this.#open) connection.destroy();
    // Under TLS there are some that never came to be a connection.
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #connected(socket: Socket): void {
    this.#count += 1;
    const connection = new FakeServerConnection(socket);
    this.#open.add(connection);
    socket.once('close', () => this.#open.delete(connection));
    const next = this.#waiting.shift();
    if (next === undefined) this.#arrived.push(connection);
    else next(connection);
  }
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
