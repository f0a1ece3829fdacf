import type { Stall, StallReason } from '../commands/queues.ts';
import { type Obstacle, obstacleOf, obstaclesIn, obstaclesInWords } from '../pool/obstacle.ts';
import type { Pool } from '../pool/pool.ts';
import type { Census } from './ready-queue.ts';

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
  /** Whether the store failed when it was asked last. */
  readonly storeFails: boolean;
  /** What those wait for that wait. */
  readonly census: Census;
  /** Epoch milliseconds when one is due that waits for its next attempt; `Infinity` for none. */
  readonly dueAt: number;
  /** Epoch milliseconds when the first lease runs out; `Infinity` while no worker has anything. */
  readonly leaseEndsAt: number;
}

/** Obstacles of workers to which nothing can be sent. */
const unreachable: ReadonlySet<Obstacle> = new Set([
  'silent',
  'cut-off',
  'transferring',
  'far-asked',
  'far-silent',
  'far-unreachable',
]);

/** Why what waits in a durable pool does not move: the first reason that would have to go, and what ends it. */
export function stallOf(facts: StallFacts, now: number): Stall {
  const { pool, waiting } = facts;
  if (waiting === 0) return stall('none', 'Nothing waits.');
  if (facts.draining) return stall('draining', 'The router is shutting down; what waits is stored.');
  if (!facts.attached) return stall('no-link', 'There is no link to the XMPP server.');
  if (facts.verifying) return stall('verifying', 'The workers are being asked whether they are still there.');
  if ((pool.takers?.size ?? 0) === 0) return withoutWorkers(pool);
  if (facts.storeFails) return stall('store-failed', 'The store failed when it was asked last; it is asked again.');
  if (pool.takers?.free === 0) return atCapacity(facts);
  if (facts.congested) return stall('congested', 'The XMPP server does not read what is written to it.');
  if (facts.census.movable || facts.dueAt <= now) {
    return stall('none', `Messages go out as workers take them; ${waiting} wait.`);
  }
  if (facts.census.reading) {
    return stall('store-slow', 'The messages that come next are still being read from the store.');
  }
  return Number.isFinite(facts.dueAt) ? backingOff(facts) : keyBusy(facts);
}

function withoutWorkers(pool: Pool): Stall {
  // The pool may be plain by now: what waits in it is not.
  const counts = obstaclesIn(pool, true);
  if (counts.size === 0) return stall('no-worker', 'No worker is in the pool; what waits goes out when one joins.');
  const obstacles = [...counts.keys()];
  const reason = obstacles.every((each) => unreachable.has(each))
    ? 'none-reachable'
    : obstacles.every((each) => each === 'cannot-acknowledge')
      ? 'none-acknowledges'
      : 'none-willing';
  return stall(reason, `No worker takes messages: ${obstaclesInWords(counts)}.`);
}

function atCapacity({ pool, leaseEndsAt }: StallFacts): Stall {
  let [full, held] = [0, 0];
  for (const member of pool.roster) {
    if (obstacleOf(pool, member, true) !== 'full') continue;
    full += 1;
    held += member.duty?.held ?? 0;
  }
  const text = `All workers that take messages have as many as they may (workers: ${full}, messages: ${held}); the next goes out when one is acknowledged`;
  return stall('at-capacity', `${text}${orAt(leaseEndsAt)}.`, leaseEndsAt);
}

/** What waits for its time: all of it for an alias, or some of it because it has failed. */
function backingOff({ census: { later, nameless, behind }, dueAt }: StallFacts): Stall {
  const others = behind === 0 ? '' : `; ${behind} more come after others of their key`;
  if (nameless > 0 && nameless === later) {
    const text = `Nothing stands yet for the senders of what could go (messages: ${later}) before workers; each gets an alias as soon as limits.memory has room for it and the store takes it${others}.`;
    return stall('no-alias', text);
  }
  const named = nameless === 0 ? '' : `; ${nameless} more wait for an alias of their sender`;
  const text = `What could go has failed before (messages: ${later - nameless}), and is tried again from ${timeOf(dueAt)} on${named}${others}.`;
  return stall('backing-off', text, dueAt);
}

function keyBusy({ waiting, leaseEndsAt }: StallFacts): Stall {
  const text = `Each message that waits (${waiting}) comes after another of its key, which a worker still has; the next goes out when that is acknowledged`;
  return stall('key-busy', `${text}${orAt(leaseEndsAt)}.`, leaseEndsAt);
}

function orAt(time: number): string {
  return Number.isFinite(time) ? `, or its lease runs out, from ${timeOf(time)} on` : '';
}

function timeOf(time: number): string {
  return new Date(time).toISOString();
}

function stall(reason: StallReason, text: string, until = Number.POSITIVE_INFINITY): Stall {
  return { reason, text, until: Number.isFinite(until) ? until : undefined };
}
