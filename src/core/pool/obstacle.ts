import { type CannotAcknowledge, whyCannot } from '../durable/levels.ts';
import { type FarObstacle, farObstacles } from './far/far-pool.ts';
import type { Member } from './member.ts';
import type { Pool } from './pool.ts';

/** Why a worker gets no new work. */
export type Obstacle =
  | 'drained'
  | 'suspended'
  | 'transferring'
  | 'cut-off'
  | 'silent'
  | `far-${FarObstacle}`
  | 'draining'
  | 'busy'
  | 'negative'
  | 'cannot-acknowledge'
  | 'full';

/** Of one worker, as the end of a sentence, and of several. */
const words: Readonly<Record<Obstacle, readonly [one: string, several: string]>> = {
  drained: ['an operator drains it', 'drained by an operator'],
  suspended: ['an operator has suspended it', 'suspended by an operator'],
  transferring: ['it is told to connect elsewhere', 'told to connect elsewhere'],
  'cut-off': ['its server cannot be reached', 'on a server that cannot be reached'],
  silent: ['it does not answer pings any more', 'without an answer to pings'],
  'far-asked': farObstacles.asked,
  'far-idle': farObstacles.idle,
  'far-refused': farObstacles.refused,
  'far-moved': farObstacles.moved,
  'far-silent': farObstacles.silent,
  'far-unreachable': farObstacles.unreachable,
  draining: ['it has asked to be drained', 'drained at their own wish'],
  busy: ['it is busy (dnd)', 'busy (dnd)'],
  negative: ['its priority is negative', 'of negative priority'],
  'cannot-acknowledge': [
    'the pool wants acknowledgements, and it is not known to give them',
    'not known to acknowledge',
  ],
  full: ['it has as many messages as it may', 'with as many messages as they may have'],
};

/** Why a worker cannot acknowledge, as the end of a sentence. */
const inability: Readonly<Record<CannotAcknowledge, string>> = {
  'client-unknown': 'what its client can do is not known yet',
  'no-receipts': 'its client announces no receipts (XEP-0184)',
  'no-acknowledgements': 'its client does not announce that it gives them',
  'plain-pool': 'it is a pool that does not deliver at least once',
  'pool-unknown': 'what this pool can do is not known yet',
  stranger: 'its client gives receipts only to those that it knows, and is not subscribed to the pool',
};

/** Whether what comes to `pool` now has to be acknowledged. */
function wantsAcknowledgements({ settings }: Pool): boolean {
  return settings.delivery.guarantee !== 'plain';
}

/**
 * Why `member` gets no new work of `pool`, what an operator may change first; `undefined` when nothing keeps it from work.
 *
 * @param durable Whether it is about messages that have to be acknowledged; as a rule, those that come now.
 */
export function obstacleOf(pool: Pool, member: Member, durable = wantsAcknowledgements(pool)): Obstacle | undefined {
  if (member.order?.held !== undefined) return member.order.held;
  if (member.transfer !== undefined) return 'transferring';
  if (member.state === 'cut-off') return 'cut-off';
  if (member.state === 'suspended') return silenceOf(member);
  if (member.drain) return 'draining';
  if (member.show === 'dnd') return 'busy';
  if (member.priority < 0) return 'negative';
  if (!durable) return undefined;
  if (whyCannot(member, pool.settings.delivery.ack) !== undefined) return 'cannot-acknowledge';
  return member.duty?.full === true ? 'full' : undefined;
}

/** Why nothing is heard of a member that is suspended for it. */
function silenceOf({ far }: Member): Obstacle {
  return far === undefined || far.standing === 'available' ? 'silent' : `far-${far.standing}`;
}

/** An obstacle of `member` as the end of a sentence, with the numbers and times that belong to it. */
export function obstacleInWords(pool: Pool, member: Member, obstacle: Obstacle): string {
  const [what] = words[obstacle];
  if (obstacle === 'full') return inNumbers(member) ?? what;
  if (obstacle === 'silent' || obstacle === 'cut-off') return `${what}${lastHeard(member)}`;
  const cannot = obstacle === 'cannot-acknowledge' ? whyCannot(member, pool.settings.delivery.ack) : undefined;
  return cannot === undefined ? what : `the pool wants acknowledgements, and ${inability[cannot]}`;
}

function inNumbers({ duty }: Member): string | undefined {
  if (duty === undefined) return undefined;
  const { held, window, capacity } = duty;
  const later = window < capacity ? ` now, and ${capacity} once it has shown that it works` : '';
  return `it has ${held} of the ${window} messages that it may have${later}`;
}

function lastHeard({ heardAt, seen }: Member): string {
  const at = Math.max(heardAt, seen);
  return at <= 0 ? '' : `, and was heard last at ${new Date(at).toISOString()}`;
}

/** How many workers of `pool` have each obstacle; see `obstacleOf`. */
export function obstaclesIn(pool: Pool, durable = wantsAcknowledgements(pool)): ReadonlyMap<Obstacle, number> {
  const counts = new Map<Obstacle, number>();
  for (const member of pool.roster) {
    const obstacle = obstacleOf(pool, member, durable);
    if (obstacle !== undefined) counts.set(obstacle, (counts.get(obstacle) ?? 0) + 1);
  }
  return counts;
}

/** Obstacles, with how many workers have each. */
export function obstaclesInWords(counts: ReadonlyMap<Obstacle, number>): string {
  return [...counts].map(([obstacle, count]) => `${count} ${words[obstacle][1]}`).join(', ');
}
