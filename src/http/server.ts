import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CommandDoor } from './commands.ts';
import { type ConsoleFiles, readConsole } from './console-files.ts';
import type { FailureCode } from './failures.ts';
import { Gate } from './gate.ts';
import { formatListenAddress, type ListenAddress, parseListenAddress } from './listen-address.ts';
import { ListenError, listenProblem } from './listen-error.ts';
import { createRoutes, type HttpSources } from './routes.ts';
import { removeStaleSocket } from './stale-socket.ts';
import { Watches } from './watches.ts';

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
  /** Of these connections, how many may be streams. */
  readonly streams: number;
  /** Between two signs of life on a stream. */
  readonly beat: number;
  /** How long a stream waits for a client that does not read; more than `beat`. */
  readonly patience: number;
}

export interface HttpOptions extends HttpSources, Pick<CommandDoor, 'token' | 'read' | 'perform' | 'version'> {
  /** `127.0.0.1:8600`, `[::1]:8600` or `unix:/path/to.sock`. */
  readonly listen: string;
  /** Names by which the server may be asked besides its address, `host` or `host:port`. */
  readonly hosts: readonly string[];
  /** Folder of the console as it was built; it may be missing. */
  readonly console: string;
  readonly limits?: Partial<HttpLimits>;
}

const defaultLimits: HttpLimits = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  idleTimeout: 15_000,
  connections: 64,
  stopGrace: 2000,
  streams: 16,
  beat: 15_000,
  patience: 35_000,
};

const maxHeaderSize = 8 * 1024;

/** Statuses for requests that node:http could not read. */
const clientErrors: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** The operator's HTTP server: three pages for probes, and the API for those who may. No client can end the process. */
export class HttpServer {
  readonly #options: HttpOptions;
  readonly #limits: HttpLimits;
  readonly #watches: Watches;
  readonly #refusals: Partial<Record<FailureCode, number>> = {};
  #server: Server | undefined;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    const { perform, onProblem } = options;
    this.#watches = new Watches({ perform, onProblem, limits: this.#limits });
  }

  /**
   * Listens, and gives the address in the form of `listen`, with the real port where 0 was asked for.
   * Throws `ListenError`.
   */
  async start(): Promise<string> {
    const { listen, onProblem } = this.#options;
    const address = parseListenAddress(listen);
    if (address === undefined) throw new ListenError('invalid', listen);
    const server = createConfigured(this.#limits, this.#routesAt(address, await this.#readConsole()));
    try {
      await listenOverStale(server, address);
    } catch (error) {
      throw error instanceof Error ? new ListenError(listenProblem(error), listen, error) : error;
    }
    this.#server = server;
    server.on('error', onProblem);
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    return formatListenAddress(address.kind === 'tcp' ? { ...address, port } : address);
  }

  /** Requests that the server itself has refused since the start, by code, and streams that are open. */
  get counts(): { readonly refusals: Readonly<Record<string, number>>; readonly streams: number } {
    return { refusals: this.#refusals, streams: this.#watches.streams };
  }

  /** Stops listening, ends streams, lets answers under way end within the grace, then closes what is left. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server?.listening !== true) return;
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    this.#watches.stop();
    const force = setTimeout(() => server.closeAllConnections(), this.#limits.stopGrace);
    await closed;
    clearTimeout(force);
  }

  #routesAt(address: ListenAddress, files: ConsoleFiles | undefined): RequestListener {
    const { token, read, perform, version, hosts } = this.#options;
    const socket = address.kind === 'unix';
    const door = { token, read, perform, version, socket, watches: this.#watches };
    const refused = (code: FailureCode): void => {
      this.#refusals[code] = (this.#refusals[code] ?? 0) + 1;
    };
    return createRoutes({ sources: this.#options, door, gate: new Gate({ address, hosts }), files, refused });
  }

  /** The rest of the server works without it. */
  async #readConsole(): Promise<ConsoleFiles | undefined> {
    try {
      return await readConsole(this.#options.console);
    } catch (error) {
      this.#options.onProblem(error);
      return undefined;
    }
  }
}

function createConfigured(limits: HttpLimits, routes: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersTimeout,
      requestTimeout: limits.requestTimeout,
      connectionsCheckingInterval: Math.min(1000, limits.headersTimeout),
      maxHeaderSize,
    },
    routes,
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
