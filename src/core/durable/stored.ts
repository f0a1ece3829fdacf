import type { StoredDelivery } from '../delivery-state.ts';
import type { Change } from '../durable-state.ts';
import type { MessageEnvelope } from '../envelope.ts';
import { type Attempt, Delivery } from './delivery.ts';

/** What an envelope says beside what has a column of its own. */
interface Rest {
  readonly thread?: string;
  readonly hint?: string;
  readonly refersTo?: string;
  readonly hops?: readonly string[];
}

const levels: ReadonlySet<unknown> = new Set(['receipt', 'processed', 'iq', 'queued']);
const ends: ReadonlySet<unknown> = new Set(['timeout', 'gone', 'error', 'rejected', 'unsent']);

/** The change by which a delivery is accepted, with the state that it has then. One literal, for the sake of the heap. */
export function acceptOf(
  delivery: Delivery,
  message: MessageEnvelope,
  leased: boolean,
  duplicate: string | undefined,
): Extract<Change, { op: 'accept' }> {
  return {
    op: 'accept',
    duplicate,
    pool: delivery.pool,
    id: delivery.id,
    state: leased ? 'leased' : 'ready',
    sender: delivery.sender,
    to: delivery.to,
    type: typeOf(message),
    message: delivery.name,
    wire: undefined,
    lang: message.lang,
    rest: restOf(message),
    tail: message.tail,
    bytes: delivery.bytes,
    since: delivery.since,
    expires: delivery.expires,
    key: delivery.key,
    receipt: delivery.receipt,
    attempt: delivery.attempt,
    base: delivery.base,
    worker: leased ? delivery.workers : undefined,
    nonce: leased ? delivery.nonce : undefined,
    leasedAt: delivery.leasedAt,
    deadline: delivery.deadline,
    notBefore: 0,
    history: undefined,
    reason: undefined,
    deadAt: 0,
  };
}

/** The delivery that a row tells of, without those who have it. */
export function deliveryOf(row: StoredDelivery): Delivery {
  const delivery = new Delivery({
    id: row.id,
    pool: row.pool,
    sender: row.sender,
    to: row.to,
    name: row.message,
    key: row.key,
    since: row.since,
    expires: row.expires,
    bytes: row.bytes,
    receipt: row.receipt,
    message: envelopeOf(row),
    notBefore: row.notBefore,
    attempt: row.attempt,
    base: row.base,
  });
  delivery.nonce = row.nonce ?? '';
  delivery.leasedAt = row.leasedAt;
  delivery.deadline = row.deadline;
  delivery.history = readHistory(row.history);
  return delivery;
}

/** Earlier attempts as they are stored; `undefined` for none. */
export function writeHistory(history: readonly Attempt[]): string | undefined {
  return history.length === 0 ? undefined : JSON.stringify(history);
}

function readHistory(text: string | undefined): readonly Attempt[] {
  const list: unknown = text === undefined ? [] : JSON.parse(text);
  return Array.isArray(list) ? list.filter(isAttempt) : [];
}

function isAttempt(value: unknown): value is Attempt {
  if (typeof value !== 'object' || value === null) return false;
  const { worker, began, ended, end, level }: Partial<Record<keyof Attempt, unknown>> = value;
  return (
    typeof worker === 'string' &&
    typeof began === 'number' &&
    typeof ended === 'number' &&
    ends.has(end) &&
    levels.has(level)
  );
}

function restOf({ thread, hint, refersTo, hops }: MessageEnvelope): string | undefined {
  if (thread === undefined && hint === undefined && refersTo === undefined && hops === undefined) {
    return undefined;
  }
  return JSON.stringify({ thread, hint, refersTo, hops });
}

/** Groupchat and errors never get here. */
function typeOf({ typeAttr }: MessageEnvelope): StoredDelivery['type'] {
  return typeAttr === 'chat' || typeAttr === 'normal' || typeAttr === 'headline' ? typeAttr : undefined;
}

function readRest(text: string | undefined): Rest {
  const value: unknown = text === undefined ? undefined : JSON.parse(text);
  if (typeof value !== 'object' || value === null) return {};
  const { thread, hint, refersTo, hops }: Partial<Record<keyof Rest, unknown>> = value;
  return {
    ...(typeof thread === 'string' ? { thread } : {}),
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(typeof refersTo === 'string' ? { refersTo } : {}),
    ...(Array.isArray(hops) ? { hops: hops.map(String) } : {}),
  };
}

function envelopeOf(row: StoredDelivery): MessageEnvelope {
  const rest = readRest(row.rest);
  return {
    kind: 'message',
    type: row.type ?? 'normal',
    typeAttr: row.type,
    from: row.sender,
    to: row.to,
    id: row.message,
    lang: row.lang,
    hint: rest.hint,
    thread: rest.thread,
    originId: undefined,
    receipt: undefined,
    refersTo: rest.refersTo,
    hops: rest.hops,
    ...(row.receipt ? { wantsReceipt: true } : {}),
    signal: false,
    error: undefined,
    tail: row.tail,
    size: row.tail.length,
  };
}
