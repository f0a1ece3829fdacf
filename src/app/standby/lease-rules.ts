import type { InstanceView, LeaseView } from '../../store/shared.ts';

/** How long the lease is held without a word, and how often it is renewed; milliseconds. */
export interface LeaseSettings {
  /** Id of this instance. */
  readonly id: string;
  readonly lease: number;
  /** How long a router that cannot reach the database keeps its link where another instance could take over. */
  readonly holdover: number;
}

/** Beats that may fail in a row before the lease runs out. */
const beatsOfLease = 5;
/** Between two beats at most, in milliseconds. */
const longestPause = 1_000;
/** Between two looks at the lease while it changes hands as planned, in milliseconds. */
export const handoverPause = 50;
/** How long the one that follows may take to be ready, in leases; then the lease is given back for anybody. */
export const handoverLeases = 1;

export function beatPause(lease: number): number {
  return Math.min(longestPause, lease / beatsOfLease);
}

/** The other instances that have said lately that they live. */
export function othersAlive({ instances, now }: LeaseView, { id, lease }: LeaseSettings): readonly InstanceView[] {
  return instances.filter((each) => each.id !== id && now - each.beat < lease);
}

/** Who of those that stand by follows where one is asked to: the same for all that look. */
export function follower(view: LeaseView, settings: LeaseSettings): string | undefined {
  const own = { id: settings.id, role: 'standby' as const };
  const standing = [own, ...othersAlive(view, settings)].filter(({ role }) => role === 'standby');
  return standing.map(({ id }) => id).sort()[0];
}

/** Whether anybody may take the lease. */
export function isFree({ until, now }: LeaseView): boolean {
  return until <= now;
}
