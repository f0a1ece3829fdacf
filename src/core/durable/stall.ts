import type { Stall, StallReason } from '../commands/queues.ts';
import { type Obstacle, obstacleOf, obstaclesIn, obstaclesInWords } from '../pool/obstacle.ts';
import type { Pool } from '../pool/pool.ts';

/** What decides whether a queue moves. */
export interface StallFacts {
  readonly pool: Pool;
  /** Messages that wait. */
  readonly waiting: number;
  /** Whether there is a link. */
  readonly attached: boolean;
  readonly draining: boolean;
  /** Whether the pool's workers are being verified. */
  readonly verifying: boolean;
  /** Whether the server does not read what is written. */
  readonly congested: boolean;
  /** Whether one of those that wait could go at once, if there were a worker for it. */
  readonly movable: boolean;
  /** Epoch milliseconds when one is due that waits for its next attempt; `Infinity` for none. */
  readonly dueAt: number;
  /** Whether what comes next is still to be read from the store. */
  readonly reading: boolean;
}

/** Obstacles of workers to which nothing can be sent. */
const unreachable: ReadonlySet<Obstacle> = new Set(['silent', 'cut-off', 'transferring']);

/** Why what waits in a durable pool does not move: the first reason that would have to go. */
export function stallOf(facts: StallFacts): Stall {
  const { pool, waiting, dueAt } = facts;
  const free = pool.takers?.free ?? 0;
  if (waiting === 0) return stall('none', 'Nothing waits.');
  if (facts.draining) return stall('draining', 'The router is shutting down; what waits is stored.');
  if (!facts.attached) return stall('no-link', 'There is no link to the XMPP server.');
  if (facts.verifying) return stall('verifying', 'The workers are being asked whether they are still there.');
  if ((pool.takers?.size ?? 0) === 0) return withoutWorkers(pool);
  if (free === 0) return atCapacity(pool);
  if (facts.congested) return stall('congested', 'The XMPP server does not read what is written to it.');
  if (facts.movable) return stall('none', `Messages go out as workers take them; ${waiting} wait.`);
  if (facts.reading) return stall('store-slow', 'The messages that come next are still being read from the store.');
  if (Number.isFinite(dueAt)) {
    const text = `What waits has failed before, and is tried again from ${new Date(dueAt).toISOString()} on.`;
    return { reason: 'backing-off', text, until: dueAt };
  }
  return stall('key-busy', 'Each message that waits comes after another of its key, which a worker still has.');
}

function withoutWorkers(pool: Pool): Stall {
  const counts = obstaclesIn(pool);
  if (counts.size === 0) return stall('no-worker', 'No worker is in the pool.');
  const obstacles = [...counts.keys()];
  const reason = obstacles.every((each) => unreachable.has(each))
    ? 'none-reachable'
    : obstacles.every((each) => each === 'cannot-acknowledge')
      ? 'none-acknowledges'
      : 'none-willing';
  return stall(reason, `No worker takes messages: ${obstaclesInWords(counts)}.`);
}

function atCapacity(pool: Pool): Stall {
  let [full, held] = [0, 0];
  for (const member of pool.roster) {
    if (obstacleOf(pool, member) !== 'full') continue;
    full += 1;
    held += member.duty?.held ?? 0;
  }
  return stall(
    'at-capacity',
    `All workers that take messages have as many as they may (workers: ${full}, messages: ${held}).`,
  );
}

function stall(reason: StallReason, text: string): Stall {
  return { reason, text, until: undefined };
}
