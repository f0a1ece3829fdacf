import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { ApiTarget } from './client.ts';
import { EventReader, type StreamEvent } from './event-stream.ts';

/** Milliseconds without a byte: the router writes something far more often. */
const patience = 40_000;
/** Most characters of a refusal. */
const refusalLimit = 64 * 1024;

/** What one who watches is told. */
export interface WatchEvents {
  event(event: StreamEvent): void;
  /** It is over. `status`: what the router answered, when it refused; `body` is its text then. */
  end(reason: { readonly status: number; readonly body: string } | Error): void;
}

/** Watches something of a router that runs; returns what ends that. */
export function watchApi({ address, token }: ApiTarget, path: string, events: WatchEvents): () => void {
  let over = false;
  const end = (reason: Parameters<WatchEvents['end']>[0]): void => {
    if (over) return;
    over = true;
    request.destroy();
    events.end(reason);
  };
  const request = httpRequest({
    ...(address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port }),
    path,
    agent: false,
    timeout: patience,
    headers: { accept: 'text/event-stream', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  });
  request.on('timeout', () => end(new Error(`nothing came for ${patience / 1_000} s`)));
  request.on('error', end);
  request.on('response', (response) => read(response, events, end));
  request.end();
  return () => {
    over = true;
    request.destroy();
  };
}

function read(response: IncomingMessage, events: WatchEvents, end: WatchEvents['end']): void {
  const { statusCode: status = 0 } = response;
  const reader = new EventReader((event) => events.event(event));
  let body = '';
  response.setEncoding('utf8');
  response.on('data', (text: string) => {
    if (status !== 200) {
      body = (body + text).slice(0, refusalLimit);
      return;
    }
    try {
      reader.read(text);
    } catch (error) {
      end(error instanceof Error ? error : new Error(String(error)));
    }
  });
  response.on('error', end);
  response.on('close', () => end(status === 200 ? new Error('the connection ended') : { status, body }));
}
