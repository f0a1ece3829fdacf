import type { AlgorithmName } from '../settings.ts';
import { All } from './all.ts';
import { LeastBusy } from './least-busy.ts';
import { MostActive } from './most-active.ts';
import { RoundRobin } from './round-robin.ts';
import type { PickAll, Selector } from './selector.ts';
import { Sticky } from './sticky.ts';
import { Weighted } from './weighted.ts';

interface Algorithm {
  /** Name on the wire (XEP-0354 section 5; ours begin with `urn:x-switchyard:algorithm:`). */
  readonly urn: string;
  readonly create: (keysRemembered: number) => Selector;
}

/** Every algorithm, by its short name. */
export const algorithms: Readonly<Record<AlgorithmName, Algorithm>> = {
  all: { urn: 'urn:xmpp:cmr:all', create: () => new All() },
  mostactive: { urn: 'urn:xmpp:cmr:mostactive', create: () => new MostActive() },
  roundrobin: { urn: 'urn:xmpp:cmr:roundrobin', create: () => new RoundRobin() },
  weighted: { urn: 'urn:xmpp:cmr:weighted', create: () => new Weighted() },
  leastbusy: { urn: 'urn:x-switchyard:algorithm:leastbusy', create: () => new LeastBusy() },
  sticky: { urn: 'urn:x-switchyard:algorithm:sticky', create: (keysRemembered) => new Sticky(keysRemembered) },
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
 */
export function createSelector(name: 'all'): Selector & PickAll;
export function createSelector(name: AlgorithmName, keysRemembered?: number): Selector;
export function createSelector(name: AlgorithmName, keysRemembered = keysRememberedByDefault): Selector {
  return algorithms[name].create(keysRemembered);
}
