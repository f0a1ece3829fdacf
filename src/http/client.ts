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

/** Asks a router that runs. Rejects with the system's error when it cannot be reached. */
export async function askApi(
  target: ApiTarget,
  method: 'GET' | 'POST',
  path: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<ApiAnswer> {
  const response = await respond(target, method, path, body);
  return { status: response.statusCode ?? 0, body: parse(await textOf(response)) };
}

/** Reads a page of a router that runs, whatever its status. Rejects with the system's error when it cannot be reached. */
export async function readPage(target: ApiTarget, path: string): Promise<string> {
  return textOf(await respond(target, 'GET', path));
}

async function respond(
  { address, token }: ApiTarget,
  method: 'GET' | 'POST',
  path: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const request = httpRequest({
    ...(address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port }),
    method,
    path,
    agent: false,
    timeout: patience,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    },
  });
  request.on('timeout', () => request.destroy(new Error(`no answer in ${patience / 1_000} s`)));
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
