import type { ReceivedError } from '../envelope.ts';

/** Conditions by which a client, or its server, says that it does not know the request. */
const unknowing: ReadonlySet<string> = new Set(['service-unavailable', 'feature-not-implemented', 'item-not-found']);

/** What a worker that did not say yes has said. Any error but "not supported" is a refusal. */
export function refusalOf(error: ReceivedError): {
  readonly result: 'refused' | 'unsupported';
  readonly reason: string;
} {
  return unknowing.has(error.condition)
    ? { result: 'unsupported', reason: `it does not know transfers (${error.condition})` }
    : { result: 'refused', reason: `it refuses (${error.condition})` };
}
