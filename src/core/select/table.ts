import type { AlgorithmName } from '../settings.ts';
import { All } from './all.ts';
import { BoundedSticky } from './bounded-sticky.ts';
import { LeastBusy } from './least-busy.ts';
import { MostActive } from './most-active.ts';
import { RoundRobin } from './round-robin.ts';
import type { PickAll, Selector } from './selector.ts';
import { Sticky } from './sticky.ts';
import { Weighted } from './weighted.ts';

/** How much of its fair share of what all have a worker may have under `sticky`, a factor; `undefined` for no bound. */
export type StickyBound = () => number | undefined;

interface Algorithm {
  /** Name on the wire (XEP-0354 section 5; ours begin with `urn:x-switchyard:algorithm:`). */
  readonly urn: string;
  readonly create: (keysRemembered: number, stickyBound: StickyBound | undefined) => Selector;
}

function createSticky(keysRemembered: number, bound: StickyBound | undefined): Selector {
  return bound === undefined ? new Sticky(keysRemembered) : new BoundedSticky(keysRemembered, bound);
}

/** Every algorithm, by its short name. */
export const algorithms: Readonly<Record<AlgorithmName, Algorithm>> = {
  all: { urn: 'urn:xmpp:cmr:all', create: () => new All() },
  mostactive: { urn: 'urn:xmpp:cmr:mostactive', create: () => new MostActive() },
  roundrobin: { urn: 'urn:xmpp:cmr:roundrobin', create: () => new RoundRobin() },
  weighted: { urn: 'urn:xmpp:cmr:weighted', create: () => new Weighted() },
  leastbusy: { urn: 'urn:x-switchyard:algorithm:leastbusy', create: () => new LeastBusy() },
  sticky: { urn: 'urn:x-switchyard:algorithm:sticky', create: createSticky },
};

const namesByUrn: ReadonlyMap<string, AlgorithmName> = new Map(
  algorithmNames().map((name) => [algorithms[name].urn, name]),
);

/** The short names, in the order in which they are offered. */
export function algorithmNames(): readonly AlgorithmName[] {
  return ['all', 'mostactive', 'roundrobin', 'weighted', 'leastbusy', 'sticky'];
}

/** The URN of an algorithm. */
export function urnOf(name: AlgorithmName): string {
  return algorithms[name].urn;
}

/** The algorithm that a URN names, or `undefined`. */
export function algorithmOf(urn: string): AlgorithmName | undefined {
  return namesByUrn.get(urn);
}

/** Most keys whose worker a pool remembers, unless told otherwise. */
const keysRememberedByDefault = 65_536;

/**
 * A new selector without members.
 * @param keysRemembered Most keys whose worker is remembered, at least 16; matters to `sticky` only.
 * @param stickyBound For `sticky` where what workers have is known exactly.
 */
export function createSelector(name: 'all'): Selector & PickAll;
export function createSelector(name: AlgorithmName, keysRemembered?: number, stickyBound?: StickyBound): Selector;
export function createSelector(
  name: AlgorithmName,
  keysRemembered = keysRememberedByDefault,
  stickyBound?: StickyBound,
): Selector {
  return algorithms[name].create(keysRemembered, stickyBound);
}
