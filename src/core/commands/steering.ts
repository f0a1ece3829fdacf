import type { Member } from '../pool/member.ts';
import type { Membership } from '../pool/membership/membership.ts';
import type { Pool } from '../pool/pool.ts';
import type { Preferences } from '../pool/rules/preferences.ts';
import type { AlgorithmName } from '../settings.ts';

/** What operators change of pools and workers. */
export interface Steering {
  /** Changes the algorithm of a pool; `done` is told whether that could be stored. */
  setAlgorithm(pool: Pool, algorithm: AlgorithmName, done: (error: Error | undefined) => void): void;
  /** Takes a worker out of a pool, and tells it. */
  eject(pool: Pool, member: Member): void;
  /** Does as `orders` of the pool say about a worker, and tells it. */
  obey(pool: Pool, member: Member, now: number): void;
  /** Asks a worker whether it is there. */
  ask(pool: Pool, member: Member, now: number): void;
}

export function steeringOf(preferences: Preferences, membership: Membership): Steering {
  return {
    setAlgorithm: (pool, algorithm, done) => preferences.set(pool, algorithm, 'an operator', done),
    eject: (pool, member) => membership.dismiss(pool, member, 'An operator has taken you out of this pool.'),
    obey: (pool, member, now) => membership.obey(pool, member, now),
    ask: (pool, member, now) => membership.watch.ask(pool, member, now),
  };
}
