/** A refusal, as the router words it. */
export interface Refusal {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** One of the error table, or of the HTTP server. */
  readonly code: string;
  /** What to do, for people. */
  readonly text: string;
  /** The field that is to blame. */
  readonly field: string | undefined;
}

/** What became of a request. */
export type Answer = { readonly done: unknown } | { readonly refused: Refusal };

/** The refusal for want of an answer. */
export const unreachable: Refusal = {
  status: 0,
  code: 'unreachable',
  text: 'The router does not answer.',
  field: undefined,
};

/** Reads what the router has answered. */
export function readAnswer(status: number, text: string): Answer {
  const body = parsed(text);
  if (status >= 200 && status < 300) {
    return body === undefined ? { refused: strange(status) } : { done: body };
  }
  return { refused: readRefusal(status, body) };
}

/** The refusal in a body like `{"error": {"code": ..., "text": ..., "field": ...}}`. */
export function readRefusal(status: number, body: unknown): Refusal {
  const error = isRecord(body) ? body['error'] : undefined;
  if (!isRecord(error) || typeof error['code'] !== 'string') return strange(status);
  const { code, text, field } = error;
  return {
    status,
    code,
    text: typeof text === 'string' ? text : code,
    field: typeof field === 'string' ? field : undefined,
  };
}

/** JSON, or `undefined`. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An object with keys. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function strange(status: number): Refusal {
  return {
    status,
    code: 'strange-answer',
    text: `The answer (${status}) is none of a Switchyard. Something between may have changed it.`,
    field: undefined,
  };
}
