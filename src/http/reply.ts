import type { ServerResponse } from 'node:http';

/** What a request is answered with. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that goes on: `open` takes the response over. */
export interface Stream {
  readonly open: (response: ServerResponse) => void;
}

export function json(status: number, value: unknown): Reply {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` };
}

/** The body of every answer that is not a page. */
export function failure(status: number, code: string, text: string, headers: Record<string, string> = {}): Reply {
  return { ...json(status, { error: { code, text } }), headers };
}
