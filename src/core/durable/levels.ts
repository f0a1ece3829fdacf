import type { ClientFeatures } from '../pool/membership/client-features.ts';

/**
 * What an acknowledgement says: a client received it, an application has done it, or the answer to an IQ says so
 * (delivery.md 4.2); `queued`: a pool of another domain has it on its disk.
 */
export type Level = 'receipt' | 'processed' | 'iq' | 'queued';

/** What a pool wants to be acknowledged by: `auto` for the best that each worker can. */
export type AckPolicy = 'auto' | Exclude<Level, 'queued'>;

/** Why a worker gets nothing of a pool that wants acknowledgements. */
export type CannotAcknowledge =
  | 'client-unknown'
  | 'no-receipts'
  | 'no-acknowledgements'
  | 'stranger'
  | 'plain-pool'
  | 'pool-unknown';

/** What is known of a worker that decides how it acknowledges. */
export interface Acknowledger {
  /** What its client can do; `undefined` while that is not known. */
  readonly features: ClientFeatures | undefined;
  /** Set for a pool of another domain. */
  readonly far?: object | undefined;
  /** Whom it has answered in this session. */
  readonly repliedIn: { readonly length: number };
  /** `undefined` in a pool that wants no acknowledgements. */
  readonly duty: { readonly proven: Level | undefined; readonly subscribed: boolean } | undefined;
}

/** How a worker acknowledges, or `undefined` when it cannot (design.md, "Plain and at-least-once"). */
export function levelOf(worker: Acknowledger, policy: AckPolicy): Level | undefined {
  const judged = judge(worker, policy);
  return isLevel(judged) ? judged : undefined;
}

/** Why a worker cannot acknowledge, or `undefined` when it can. */
export function whyCannot(worker: Acknowledger, policy: AckPolicy): CannotAcknowledge | undefined {
  const judged = judge(worker, policy);
  return isLevel(judged) ? undefined : judged;
}

/**
 * What a worker has done counts more than what it announces. Where the operator has named the level, a client of
 * which nothing is known is taken at his word.
 */
function judge(worker: Acknowledger, policy: AckPolicy): Level | CannotAcknowledge {
  return worker.far === undefined ? judgeWorker(worker, policy) : judgePool(worker, policy);
}

/** A pool that delivers at least once answers for its workers; of any other they themselves have to be asked. */
function judgePool({ features, duty }: Acknowledger, policy: AckPolicy): Level | CannotAcknowledge {
  if (features?.deliveries === true || duty?.proven === 'queued') return 'queued';
  if (features === undefined) return 'pool-unknown';
  return policy === 'receipt' ? 'receipt' : 'plain-pool';
}

function judgeWorker({ features, repliedIn, duty }: Acknowledger, policy: AckPolicy): Level | CannotAcknowledge {
  const proven = duty?.proven;
  if (policy === 'receipt') return features?.receipts === false && proven === undefined ? 'no-receipts' : 'receipt';
  if (policy !== 'auto') {
    const acts = proven === 'processed' || proven === 'iq';
    return acts || features?.deliveries !== false ? policy : 'no-acknowledgements';
  }
  if (features?.deliveries === true || proven === 'processed') return 'processed';
  if (proven === 'receipt') return 'receipt';
  if (features === undefined) return 'client-unknown';
  if (!features.receipts) return 'no-receipts';
  // Clients send receipts only to those who may know that they are there (XEP-0184 section 8).
  return duty?.subscribed === true || repliedIn.length > 0 ? 'receipt' : 'stranger';
}

function isLevel(judged: Level | CannotAcknowledge): judged is Level {
  return judged === 'receipt' || judged === 'processed' || judged === 'iq' || judged === 'queued';
}

/** What a worker is told that cannot acknowledge: why, and what to do. */
export const cannotAcknowledge: Readonly<Record<CannotAcknowledge, string>> = {
  'client-unknown':
    'this pool wants acknowledgements, and what your client can do is not known, so you get no messages yet; announce it (XEP-0115)',
  'no-receipts':
    'this pool wants acknowledgements, and your client announces no receipts (XEP-0184), so you get no messages',
  'no-acknowledgements':
    'this pool wants acknowledgements of urn:x-switchyard:delivery:0, and your client does not announce them, so you get no messages',
  stranger:
    'this pool wants acknowledgements, and clients send receipts only to those that they know; subscribe to its presence to get messages',
  'plain-pool': 'this pool wants acknowledgements, and you are a pool that does not deliver at least once',
  'pool-unknown': 'this pool wants acknowledgements, and what you can do is not known',
};
