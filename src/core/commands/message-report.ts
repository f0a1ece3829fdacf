import type { StoredDelivery } from '../delivery-state.ts';
import { stanzaIdOf } from '../durable/token.ts';
import { traceOf } from '../trace-context.ts';
import type { Column } from './command.ts';

/** A message that a pool has accepted, in short; times are ISO 8601, `null` for what is not. */
export interface MessageSummary {
  readonly id: string;
  readonly state: StoredDelivery['state'];
  readonly from: string;
  readonly since: string;
  readonly expires: string;
  readonly attempts: number;
  /** Who has it now. */
  readonly worker: string | null;
  /** When whoever has it must have acknowledged it. */
  readonly deadline: string | null;
  /** Before which it is not tried again. */
  readonly notBefore: string | null;
  readonly bytes: number;
  /** Why it is dead. */
  readonly reason: string | null;
}

/** The whole of it, for one who looks into a single one. */
export interface MessageReport extends MessageSummary {
  readonly to: string;
  readonly type: string | null;
  /** The sender's own id. */
  readonly messageId: string | null;
  /** What it is in order with others by. */
  readonly key: string | null;
  readonly died: string | null;
  /** The trace that it belongs to (W3C Trace Context), if it says so. */
  readonly traceparent: string | null;
  /** Earlier attempts: of each the worker, when it `began` and `ended` (ISO 8601), and how. */
  readonly history: unknown;
  /** Its children, as XML. */
  readonly content: string;
}

/** What a list of messages shows. */
export const messageColumns: readonly Column[] = [
  { key: 'id', label: 'Id' },
  { key: 'state', label: 'State' },
  { key: 'from', label: 'From' },
  { key: 'since', label: 'Since', kind: 'time' },
  { key: 'attempts', label: 'Attempts', kind: 'number' },
  { key: 'worker', label: 'Worker' },
  { key: 'deadline', label: 'Deadline', kind: 'time' },
  { key: 'notBefore', label: 'Again', kind: 'time' },
  { key: 'expires', label: 'Expires', kind: 'time' },
  { key: 'bytes', label: 'Size', kind: 'bytes' },
  { key: 'reason', label: 'Reason' },
];

export function messageSummary(row: StoredDelivery): MessageSummary {
  return {
    id: stanzaIdOf(row.id),
    state: row.state,
    from: row.sender,
    since: new Date(row.since).toISOString(),
    expires: new Date(row.expires).toISOString(),
    attempts: row.attempt,
    worker: row.state === 'leased' ? (row.worker ?? null) : null,
    deadline: row.state === 'leased' ? timeOf(row.deadline) : null,
    notBefore: row.state === 'ready' ? timeOf(row.notBefore) : null,
    bytes: row.bytes,
    reason: row.reason ?? null,
  };
}

export function messageReport(row: StoredDelivery): MessageReport {
  return {
    ...messageSummary(row),
    to: row.to,
    type: row.type ?? null,
    messageId: row.message ?? null,
    key: row.key ?? null,
    died: timeOf(row.deadAt),
    traceparent: traceOf(row.tail) ?? null,
    history: historyOf(row.history),
    content: row.tail,
  };
}

/** 0 stands for never. */
function timeOf(at: number): string | null {
  return at <= 0 ? null : new Date(at).toISOString();
}

/** Tokens are secrets of the workers that had them. */
function historyOf(text: string | undefined): unknown {
  const list: unknown = text === undefined ? [] : JSON.parse(text);
  return Array.isArray(list) ? list.map(attemptOf) : [];
}

/** As it is stored, but for the token, and with times as all answers have them. */
function attemptOf(attempt: unknown): unknown {
  if (typeof attempt !== 'object' || attempt === null || Array.isArray(attempt)) return attempt;
  return Object.fromEntries(
    Object.entries(attempt)
      .filter(([key]) => key !== 'nonce')
      .map(([key, value]: [string, unknown]) => {
        return [key, (key === 'began' || key === 'ended') && typeof value === 'number' ? timeOf(value) : value];
      }),
  );
}
