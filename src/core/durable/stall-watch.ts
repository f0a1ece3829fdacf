import type { Out } from '../ports.ts';

/** How long nothing goes out before an operator is told, in milliseconds. */
const patience = 10_000;
/** How often he is told again while it lasts. */
const again = 300_000;

/** What is to be known of a queue to tell whether it stands. */
export interface QueueLook {
  /** The pool's configured name. */
  readonly pool: string;
  /** Why nothing goes out; `none` for no reason. */
  readonly reason: string;
  /** The same as a sentence. */
  readonly text: string;
  /** How many messages wait. */
  readonly waiting: number;
  /** Since when the oldest has waited, in epoch milliseconds; `undefined` when that is not known. */
  readonly oldestSince: number | undefined;
  /** How many messages were given to workers since the start. */
  readonly given: number;
}

/** A queue from which nothing goes out. */
interface Standstill {
  readonly since: number;
  readonly given: number;
  reason: string;
  toldAt: number | undefined;
}

/**
 * Tells the operator of queues from which nothing goes out: after ten seconds, every five minutes while it lasts,
 * when the reason becomes another one, and when it is over. A queue whose workers are at capacity, and work, does not stand.
 */
export class StallWatch {
  readonly #out: Pick<Out, 'notice'>;
  readonly #standing = new Map<string, Standstill>();

  constructor(out: Pick<Out, 'notice'>) {
    this.#out = out;
  }

  /** Takes a look at one queue, about once a second. */
  look(queue: QueueLook, now: number): void {
    const known = this.#standing.get(queue.pool);
    if (queue.reason === 'none' || queue.waiting === 0) {
      this.#over(queue, known, now);
      return;
    }
    if (known === undefined || known.given !== queue.given) {
      this.#over(queue, known, now);
      this.#standing.set(queue.pool, { since: now, given: queue.given, reason: queue.reason, toldAt: undefined });
      return;
    }
    const isNew = known.toldAt === undefined || known.reason !== queue.reason;
    const told = known.toldAt ?? known.since;
    if (now - told < (isNew ? patience : again)) return;
    known.reason = queue.reason;
    known.toldAt = now;
    this.#tell(queue, known, now);
  }

  /** Forgets pools that are not among `pools`. */
  keep(pools: ReadonlyMap<string, unknown>): void {
    for (const pool of this.#standing.keys()) if (!pools.has(pool)) this.#standing.delete(pool);
  }

  #tell({ pool, reason, text, waiting, oldestSince }: QueueLook, { since }: Standstill, now: number): void {
    const age = oldestSince === undefined ? '' : `, the oldest for ${inWords(now - oldestSince)}`;
    const messages = waiting === 1 ? '1 message waits' : `${waiting} messages wait`;
    this.#out.notice({
      level: 'warn',
      event: 'pool-stalled',
      pool,
      text: `${messages}${age}, and none has gone out for ${inWords(now - since)}. ${text}`,
      detail: {
        reason,
        waiting,
        since: new Date(since).toISOString(),
        ...(oldestSince === undefined ? {} : { oldest: new Date(oldestSince).toISOString() }),
      },
    });
  }

  #over({ pool, waiting, given }: QueueLook, known: Standstill | undefined, now: number): void {
    if (known === undefined) return;
    this.#standing.delete(pool);
    if (known.toldAt === undefined) return;
    const what = given === known.given ? 'Nothing waits any more' : 'Messages go out again';
    this.#out.notice({
      level: 'info',
      event: 'pool-moving',
      pool,
      text: `${what}, after ${inWords(now - known.since)}.`,
      detail: { was: known.reason, waiting, stood: Math.round((now - known.since) / 1_000) },
    });
  }
}

/** A time as people say it: 45 s, 12 min, 3 h, 2 days. */
function inWords(time: number): string {
  const seconds = Math.max(0, Math.round(time / 1_000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
