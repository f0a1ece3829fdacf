import type { Candidates } from '../pool/dispatch/candidates.ts';
import { type Member, weightOf } from '../pool/member.ts';
import { type Obstacle, obstacleInWords, obstacleOf, obstaclesIn, obstaclesInWords } from '../pool/obstacle.ts';
import type { Pool } from '../pool/pool.ts';
import type { AlgorithmName } from '../settings.ts';
import { whyLater } from './comparison.ts';

/** Why one worker gets the next message, or does not. */
interface WorkerChance {
  /** Full JID. */
  readonly worker: string;
  readonly label: string;
  /** `next`, `later`, `last-resort`, or what keeps it from work. */
  readonly chance: 'next' | 'later' | 'last-resort' | Obstacle;
  readonly why: string;
  readonly priority: number;
  readonly weight: number;
  readonly inFlight: number;
  readonly holds: number | null;
}

/** Which worker an ordinary message that comes now would go to, and why each other one not. */
export interface Explanation {
  readonly pool: string;
  readonly algorithm: AlgorithmName;
  /** Full JIDs; none when there is nobody, or when that depends on the message. */
  readonly next: readonly string[];
  /** A sentence. */
  readonly text: string;
  readonly total: number;
  readonly workers: readonly WorkerChance[];
}

/** What is to be explained. */
interface Asked {
  /** How many workers at the beginning are left out. */
  readonly skip: number;
  /** How many are told of. */
  readonly limit: number;
  /** Which attempt each worker (full JID) has failed of the oldest message that waits. */
  readonly failures?: ReadonlyMap<string, number> | undefined;
}

export function explain(pool: Pool, { skip, limit, failures }: Asked, now: number): Explanation {
  const { algorithm } = pool;
  const choice = pool.settings.delivery.guarantee === 'plain' ? pool.candidates : (pool.takers ?? pool.candidates);
  const next = nextOf(choice, algorithm, now);
  const chosen = new Set(next);
  const shown = [...pool.roster].slice(skip, skip + limit);
  return {
    pool: pool.settings.name,
    algorithm,
    next: next.map(({ jid }) => jid),
    text: sentence(pool, next, choice.free),
    total: pool.roster.size,
    workers: shown.map((member) => {
      const { chance, why } = chosen.has(member)
        ? ({ chance: 'next', why: 'It gets the next message.' } as const)
        : reasonFor(pool, member, next[0], choice.verified > 0, now);
      const failed = failures?.get(member.jid);
      return {
        worker: member.jid,
        label: member.label,
        chance,
        why: failed === undefined ? why : `${why} ${avoided(failed)}`,
        ...loadOf(member, now),
      };
    }),
  };
}

/** Who gets the next message; nobody as well when that is for its key to say. */
function nextOf(choice: Candidates, algorithm: AlgorithmName, now: number): readonly Member[] {
  if (algorithm === 'all') return choice.pickAll(now);
  const member = algorithm === 'sticky' && choice.free > 1 ? undefined : choice.peek(algorithm, now);
  return member === undefined ? [] : [member];
}

/** Why `member` does not get what `next` gets. */
function reasonFor(
  pool: Pool,
  member: Member,
  next: Member | undefined,
  anyVerified: boolean,
  now: number,
): Pick<WorkerChance, 'chance' | 'why'> {
  const obstacle = obstacleOf(pool, member);
  if (obstacle !== undefined) {
    return { chance: obstacle, why: `It gets nothing: ${obstacleInWords(pool, member, obstacle)}.` };
  }
  if (member.state !== 'verified' && anyVerified) {
    return { chance: 'last-resort', why: 'Nobody knows whether it is still there, and there are others.' };
  }
  return { chance: 'later', why: whyLater(pool.algorithm, member, next, now) };
}

function avoided(attempt: number): string {
  return `It failed attempt ${attempt} of the oldest message that waits, which goes to others while there are any.`;
}

function loadOf(member: Member, now: number): Pick<WorkerChance, 'priority' | 'weight' | 'inFlight' | 'holds'> {
  const { priority, duty } = member;
  return { priority, weight: weightOf(member), inFlight: member.inFlight(now), holds: duty?.held ?? null };
}

function sentence(pool: Pool, next: readonly Member[], free: number): string {
  const [first, ...others] = next;
  if (first !== undefined) {
    if (others.length > 0) return `The next message goes to ${next.length} workers, all of the highest priority.`;
    return `The next message goes to ${first.jid} (${first.label}).`;
  }
  if (free > 0) return 'The next message goes to the worker that its key belongs to.';
  const fate = pool.settings.delivery.guarantee === 'plain' ? 'is refused' : 'waits';
  if (pool.roster.size === 0) return `The next message ${fate}: no worker is in the pool.`;
  return `The next message ${fate}: no worker can take it (${obstaclesInWords(obstaclesIn(pool))}).`;
}
