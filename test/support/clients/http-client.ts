import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { parseListenAddress } from '../../../src/http/listen-address.ts';

/** What is sent, in every odd form. */
export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back. */
export interface Received {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  /** Code of the error that the answer is, if it is one. */
  readonly code: string | undefined;
}

/** Sends a request to where a server listens, a text of the form of `http.listen`; the answer is still to be read. */
export async function openRequest(
  listen: string,
  { method = 'GET', path = '/', headers = {}, body }: Sent,
): Promise<IncomingMessage> {
  const address = parseListenAddress(listen);
  if (address === undefined) throw new Error(`no address: ${listen}`);
  const to = address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port };
  const request = httpRequest({ ...to, method, path, headers, agent: false });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  request.end(body);
  return answered;
}

/** Sends a request and reads the whole answer. */
export async function exchange(listen: string, sent: Sent): Promise<Received> {
  const response = await openRequest(listen, sent);
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(response, 'end');
  return { status: response.statusCode ?? 0, headers: response.headers, text, code: codeOf(text) };
}

function codeOf(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as { readonly error?: { readonly code?: string } };
    return value.error?.code;
  } catch {
    return undefined;
  }
}
