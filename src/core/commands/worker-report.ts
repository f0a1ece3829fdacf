import { type Member, weightOf } from '../pool/member.ts';
import { obstacleInWords, obstacleOf } from '../pool/obstacle.ts';
import type { Pool } from '../pool/pool.ts';
import { formatDestination } from '../transfer/destination.ts';
import type { Column } from './command.ts';
import type { Place } from './targets.ts';

/** A worker in a pool, as operators see it; times are ISO 8601, `null` for what did not happen or is not known. */
export interface WorkerReport {
  readonly pool: string;
  /** Full JID. */
  readonly worker: string;
  readonly label: string;
  /** `works`, `last-resort`, or what keeps it from work. */
  readonly state: string;
  /** The state in words. */
  readonly why: string;
  readonly priority: number;
  readonly show: string;
  readonly weight: number;
  /** Messages that it was given within the work window and has not answered. */
  readonly inFlight: number;
  /** Messages that it was given since it joined, each attempt at a delivery. */
  readonly delivered: number;
  /** How many it would hold at a time, as its presence says. */
  readonly capacity: number | null;
  /** Unacknowledged messages that it holds, and may hold now; `null` in a plain pool. */
  readonly holds: number | null;
  readonly mayHold: number | null;
  /** Milliseconds that it takes to acknowledge, a mean of late. */
  readonly latency: number | null;
  /** What an operator has decided about it. */
  readonly order: string | null;
  readonly orderedWeight: number | null;
  /** The server that it is on, as far as it says. */
  readonly server: string | null;
  readonly answersPings: boolean | null;
  /** Last presence. */
  readonly seen: string;
  /** Last sign of life. */
  readonly heard: string | null;
  /** Last message that it was given. */
  readonly served: string | null;
}

/** What a list of workers shows. */
export const workerColumns: readonly Column[] = [
  { key: 'pool', label: 'Pool' },
  { key: 'worker', label: 'Worker' },
  { key: 'label', label: 'Label' },
  { key: 'state', label: 'State' },
  { key: 'weight', label: 'Weight', kind: 'number' },
  { key: 'inFlight', label: 'In flight', kind: 'number' },
  { key: 'holds', label: 'Holds', kind: 'number' },
  { key: 'delivered', label: 'Delivered', kind: 'number' },
  { key: 'served', label: 'Served', kind: 'time' },
  { key: 'seen', label: 'Seen', kind: 'time' },
];

export function workerReport({ pool, member }: Place, now: number): WorkerReport {
  const { order, server, duty } = member;
  return {
    pool: pool.settings.name,
    worker: member.jid,
    label: member.label,
    ...stateOf(pool, member),
    priority: member.priority,
    show: member.show,
    weight: weightOf(member),
    inFlight: member.inFlight(now),
    delivered: member.delivered,
    capacity: member.capacity ?? null,
    holds: duty?.held ?? null,
    mayHold: duty?.window ?? null,
    latency: duty?.latency === undefined ? null : Math.round(duty.latency),
    order: order?.held ?? null,
    orderedWeight: order?.weight ?? null,
    server: server === undefined ? null : formatDestination(server),
    answersPings: member.pings ?? null,
    seen: timeOf(member.seen) ?? '',
    heard: timeOf(member.heardAt),
    served: timeOf(member.servedAt),
  };
}

/** How a worker stands, in one word and in words. */
export function stateOf(pool: Pool, member: Member): { readonly state: string; readonly why: string } {
  const obstacle = obstacleOf(pool, member);
  if (obstacle !== undefined)
    return { state: obstacle, why: `It gets nothing new: ${obstacleInWords(pool, member, obstacle)}.` };
  if (member.state === 'verified') return { state: 'works', why: 'It works.' };
  return {
    state: 'last-resort',
    why: 'Nobody knows whether it is still there, so it gets work only where no other worker can.',
  };
}

/** 0 stands for never. */
function timeOf(at: number): string | null {
  return at <= 0 ? null : new Date(at).toISOString();
}
