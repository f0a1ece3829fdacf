import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CommandDoor } from './commands.ts';
import { formatListenAddress, type ListenAddress, parseListenAddress } from './listen-address.ts';
import { ListenError, listenProblem } from './listen-error.ts';
import { createRoutes, type HttpSources } from './routes.ts';
import { removeStaleSocket } from './stale-socket.ts';

/** Bounds on what a client may take; times are milliseconds. */
export interface HttpLimits {
  /** For the head of a request to arrive. */
  readonly headersTimeout: number;
  /** For a request to arrive whole. */
  readonly requestTimeout: number;
  /** Without a byte in either direction. */
  readonly idleTimeout: number;
  /** Open connections; more are closed at once. */
  readonly connections: number;
  /** How long `stop` waits for answers under way. */
  readonly stopGrace: number;
}

export interface HttpOptions extends HttpSources, Pick<CommandDoor, 'token' | 'perform'> {
  /** `127.0.0.1:8600`, `[::1]:8600` or `unix:/path/to.sock`. */
  readonly listen: string;
  readonly limits?: Partial<HttpLimits>;
}

const defaultLimits: HttpLimits = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  idleTimeout: 15_000,
  connections: 64,
  stopGrace: 2000,
};

const maxHeaderSize = 8 * 1024;

/** Statuses for requests that node:http could not read. */
const clientErrors: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** The operator's HTTP server: three pages to read, and commands for those who may. No client can end the process. */
export class HttpServer {
  readonly #listen: string;
  readonly #limits: HttpLimits;
  readonly #onProblem: (error: unknown) => void;
  readonly #server: Server;

  constructor(options: HttpOptions) {
    this.#listen = options.listen;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#onProblem = options.onProblem;
    this.#server = createConfigured(this.#limits, options);
  }

  /**
   * Listens, and gives the address in the form of `listen`, with the real port where 0 was asked for.
   * Throws `ListenError`.
   */
  async start(): Promise<string> {
    const address = parseListenAddress(this.#listen);
    if (address === undefined) throw new ListenError('invalid', this.#listen);
    try {
      await listenOverStale(this.#server, address);
    } catch (error) {
      throw error instanceof Error ? new ListenError(listenProblem(error), this.#listen, error) : error;
    }
    this.#server.on('error', this.#onProblem);
    const bound = this.#server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    return formatListenAddress(address.kind === 'tcp' ? { ...address, port } : address);
  }

  /** Stops listening, lets answers under way end within the grace, then closes what is left. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    const force = setTimeout(() => this.#server.closeAllConnections(), this.#limits.stopGrace);
    await closed;
    clearTimeout(force);
  }
}

function createConfigured(limits: HttpLimits, options: HttpOptions): Server {
  const { token, perform, listen } = options;
  const server = createServer(
    {
      headersTimeout: limits.headersTimeout,
      requestTimeout: limits.requestTimeout,
      connectionsCheckingInterval: Math.min(1000, limits.headersTimeout),
      maxHeaderSize,
    },
    createRoutes(options, { token, perform, socket: listen.startsWith('unix:') }),
  );
  server.maxConnections = limits.connections;
  server.maxRequestsPerSocket = 1000;
  server.setTimeout(limits.idleTimeout);
  server.on('clientError', refuse);
  return server;
}

async function listenOverStale(server: Server, address: ListenAddress): Promise<void> {
  try {
    await listen(server, address);
  } catch (error) {
    const inUse = address.kind === 'unix' && error instanceof Error && listenProblem(error) === 'in-use';
    if (!inUse || !(await removeStaleSocket(address.path))) throw error;
    await listen(server, address);
  }
}

async function listen(server: Server, address: ListenAddress): Promise<void> {
  // Rejects when 'error' comes first.
  const listening = once(server, 'listening');
  if (address.kind === 'tcp') {
    server.listen({ host: address.host, port: address.port });
  } else {
    // The file is bound within this call, so only its owner may ever open it.
    const mask = process.umask(0o177);
    try {
      server.listen({ path: address.path });
    } finally {
      process.umask(mask);
    }
  }
  await listening;
}

function refuse(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = clientErrors[error.code ?? ''] ?? '400 Bad Request';
  const body = `${JSON.stringify({ error: { code: 'bad-request', text: status.slice(4) } })}\n`;
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`;
  socket.end(head + body, () => socket.destroy());
}
