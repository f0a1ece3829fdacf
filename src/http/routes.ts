import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerCommand, type CommandDoor, isCommandPath } from './commands.ts';
import { answerConsole, isConsolePath } from './console.ts';
import type { ConsoleFiles } from './console-files.ts';
import type { FailureCode } from './failures.ts';
import type { Asked, Gate } from './gate.ts';
import { failure, json, type Reply, type Stream } from './reply.ts';

/** One reason why the service is not ready. */
export interface ReadinessReason {
  /** Stable, such as `link-down`. */
  readonly code: string;
  /** For people, in English. */
  readonly text: string;
}

/** What the routes show. */
export interface HttpSources {
  /** Empty when the service is ready. */
  readonly readiness: () => readonly ReadinessReason[];
  /** What the operator should look at although it may be ready; `/readyz` shows it. */
  readonly remarks?: () => readonly ReadinessReason[];
  readonly metrics: () => Promise<string>;
  /** Content type of `metrics`. */
  readonly metricsType: string;
  /** Told of errors of the two above; they are answered with status 500. */
  readonly onProblem: (error: unknown) => void;
}

/** What the server is made of. */
export interface RouteParts {
  readonly sources: HttpSources;
  readonly door: CommandDoor;
  readonly gate: Gate;
  /** `undefined` where the console was not built. */
  readonly files: ConsoleFiles | undefined;
  /** Told of each request that the server itself refuses. */
  readonly refused: (code: FailureCode) => void;
}

type Route = () => Reply | Promise<Reply>;

/** Makes the request handler: GET and HEAD of `/healthz`, `/readyz`, `/metrics` and the console, and commands. */
export function createRoutes(parts: RouteParts): (request: IncomingMessage, response: ServerResponse) => void {
  const { sources } = parts;
  const routes = new Map<string, Route>([
    ['/healthz', () => json(200, { status: 'alive' })],
    ['/readyz', () => ready(sources.readiness(), sources.remarks?.() ?? [])],
    ['/metrics', shared(async () => ({ status: 200, type: sources.metricsType, body: await sources.metrics() }))],
  ]);
  return (request, response) => {
    const send = (reply: Reply): void => {
      if (response.destroyed) return;
      if (reply.refused !== undefined) parts.refused(reply.refused);
      write(request, response, reply);
    };
    void answer(routes, parts, request).then(
      (reply) => {
        if (!('open' in reply)) send(reply);
        else if (response.socket !== null) reply.open(response);
        // Behind an answer that may never end its own would wait.
        else if (!response.destroyed) send(failure('pipelined'));
      },
      (error: unknown) => {
        send(failure('internal'));
        sources.onProblem(error);
      },
    );
  };
}

async function answer(
  routes: ReadonlyMap<string, Route>,
  { door, gate, files }: RouteParts,
  request: IncomingMessage,
): Promise<Reply | Stream> {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const denial = gate.refusalFor(request, kindOf(path));
  if (denial !== undefined) return denial;
  if (isCommandPath(path)) return answerCommand(door, request, path, query);
  const page = isConsolePath(path) ? () => answerConsole(files, request, path) : routes.get(path);
  if (page === undefined) {
    return failure('not-found', {
      text: `There is only ${[...routes.keys()].join(', ')}, /console/ and /v1/commands.`,
    });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return failure('method-not-allowed', { headers: { allow: 'GET, HEAD' } });
  }
  if (hasBody(request)) {
    return failure('body-not-allowed', { headers: { connection: 'close' } });
  }
  return page();
}

function kindOf(path: string): Asked {
  if (isCommandPath(path)) return 'api';
  return isConsolePath(path) ? 'file' : 'probe';
}

function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) > 0);
}

function ready(reasons: readonly ReadinessReason[], warnings: readonly ReadinessReason[]): Reply {
  const found = { ready: reasons.length === 0, reasons };
  return json(found.ready ? 200 : 503, warnings.length === 0 ? found : { ...found, warnings });
}

/** Requests that come while a page is being made get the same one: scrapers cannot pile up work. */
function shared(make: () => Promise<Reply>): () => Promise<Reply> {
  let underWay: Promise<Reply> | undefined;
  return () => {
    underWay ??= make().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

function write(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (response.destroyed || response.headersSent) return;
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  response.writeHead(reply.status, {
    'content-type': reply.type,
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    // What is left of a body that nobody wants is not read: the connection ends instead.
    ...(hasBody(request) && !request.complete ? { connection: 'close' } : {}),
    ...reply.headers,
  });
  // node:http itself leaves the body out of an answer to HEAD.
  response.end(body);
}
