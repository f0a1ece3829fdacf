import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { ListenAddress } from './listen-address.ts';

/** Where a router takes commands, and what proves that one may give them. */
export interface ApiTarget {
  readonly address: ListenAddress;
  readonly token: string | undefined;
}

/** A router's answer; `body` is `undefined` when it was no JSON. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Milliseconds without an answer. */
const patience = 15_000;

/** A router that takes the connection and says nothing. */
export class RouterSilent extends Error {
  /** @param limit Milliseconds that it was waited for. */
  constructor(limit: number) {
    super(
      `it takes the connection and has said nothing for ${limit / 1_000} s: its process is stopped (SIGSTOP), or its machine is frozen or overloaded`,
    );
  }
}

/** Asks a router that runs. Rejects with the system's error when it cannot be reached, with `RouterSilent` when it says nothing. */
export async function askApi(
  target: ApiTarget,
  method: 'GET' | 'POST',
  path: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<ApiAnswer> {
  const response = await respond(target, method, path, body);
  return { status: response.statusCode ?? 0, body: parse(await textOf(response)) };
}

/**
 * Reads a page of a router that runs, whatever its status. Rejects with the system's error when it cannot be reached, with
 * `RouterSilent` when it says nothing for `limit` milliseconds.
 */
export async function readPage(target: ApiTarget, path: string, limit = patience): Promise<string> {
  return textOf(await respond(target, 'GET', path, undefined, limit));
}

async function respond(
  { address, token }: ApiTarget,
  method: 'GET' | 'POST',
  path: string,
  body?: Readonly<Record<string, unknown>>,
  limit = patience,
): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const request = httpRequest({
    ...(address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port }),
    method,
    path,
    agent: false,
    timeout: limit,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    },
  });
  request.on('timeout', () => request.destroy(new RouterSilent(limit)));
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  request.end(text);
  return await answered;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(response, 'end');
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
