import { bareOf, domainOf, localOf } from '../address/jid.ts';
import type { PoolSettings } from '../settings.ts';
import { isAnsweredHere } from './namespaces.ts';
import { RequestTerms } from './terms.ts';

/** Most redirects in a row: a client may stop after three (JEP-0051, rule 10; RFC 6120 8.3.3.14). */
export const hopsMax = 3;

/** What a route needs to know of a pool. */
type Place = Pick<PoolSettings, 'requests' | 'moved'>;

/**
 * Where a redirected request ends. `worker`: with one of the pool's workers. `pool`: at a pool that
 * answers it, or passes it on. `elsewhere`: at an address that is not ours. `refused`: at a pool that takes
 * no such request, or at no pool. `loop`: it comes by again. `too-long`: after more redirects than
 * clients follow.
 */
export type RouteEnd = 'worker' | 'pool' | 'elsewhere' | 'refused' | 'loop' | 'too-long';

/** The way of a request that follows every redirect. */
export interface Route {
  /** How often it is redirected before it ends, or comes by again. */
  readonly hops: number;
  readonly end: RouteEnd;
}

/** One redirect. `to` is `worker` where the algorithm chooses. */
interface Hop {
  readonly to: { readonly jid: string } | 'worker';
  readonly namespace: string;
}

/** Follows a get of `namespace` to the pool `start`, as an obedient client would. */
export function routeOf(start: string, namespace: string, places: ReadonlyMap<string, Place>, domain: string): Route {
  const seen = new Set<string>();
  let [pool, asked]: [string | undefined, string] = [start, namespace];
  for (let hops = 0; ; hops += 1) {
    const end = (end: RouteEnd): Route => ({ hops, end: hops > hopsMax ? 'too-long' : end });
    const place = places.get(pool);
    if (place === undefined) return end('refused');
    const visit = `${pool} ${asked}`;
    if (seen.has(visit)) return { hops, end: 'loop' };
    seen.add(visit);
    const hop = hopFrom(place, asked);
    if (typeof hop === 'string') return end(hop);
    if (hop.to === 'worker') return { hops: hops + 1, end: hops < hopsMax ? 'worker' : 'too-long' };
    const next = domainOf(hop.to.jid) === domain ? (localOf(hop.to.jid) ?? '') : undefined;
    if (next === undefined) return { hops: hops + 1, end: hops < hopsMax ? 'elsewhere' : 'too-long' };
    // An address of a worker or of a sender in our domain is no pool.
    [pool, asked] = [bareOf(hop.to.jid) === hop.to.jid ? next : '', hop.namespace];
  }
}

/** Where a pool redirects a get of `namespace`, or what becomes of it instead. */
function hopFrom({ requests, moved }: Place, namespace: string): Hop | 'pool' | 'refused' {
  if (moved !== undefined) return { to: { jid: moved.to }, namespace };
  if (isAnsweredHere(namespace)) return 'pool';
  const terms = new RequestTerms(requests);
  if (!terms.takes(namespace)) return 'refused';
  if (terms.mode === 'proxy') return 'pool';
  const rule = terms.ruleFor(namespace);
  return rule === undefined
    ? { to: 'worker', namespace }
    : { to: { jid: rule.to }, namespace: rule.query?.namespace ?? namespace };
}
