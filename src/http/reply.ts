import type { ServerResponse } from 'node:http';
import { type FailureCode, failures } from './failures.ts';

/** What a request is answered with. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Set when the server itself refuses. */
  readonly refused?: FailureCode;
}

/** An answer that goes on: `open` takes the response over. */
export interface Stream {
  readonly open: (response: ServerResponse) => void;
}

export function json(status: number, value: unknown): Reply {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` };
}

/** What the server itself refuses, with a text that says it more closely where there is one. */
export function failure(
  code: FailureCode,
  { text = failures[code].text, headers = {} }: { readonly text?: string; readonly headers?: Reply['headers'] } = {},
): Reply {
  return { ...json(failures[code].status, { error: { code, text } }), headers, refused: code };
}
