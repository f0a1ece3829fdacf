/** What a pool's page shows below its numbers. */
export const poolTabs = ['workers', 'shares', 'queue', 'dead', 'explain', 'settings'] as const;
export type PoolTab = (typeof poolTabs)[number];

/** Where one is, as the part of the address after `#` says. */
export type Route =
  | { readonly page: 'pools' }
  | { readonly page: 'pool'; readonly pool: string; readonly tab: PoolTab }
  | { readonly page: 'transfers'; readonly run: string | undefined }
  /** `pool`: what stands in the form already. */
  | { readonly page: 'commands'; readonly command: string | undefined; readonly pool: string | undefined }
  | { readonly page: 'router' };

/** Reads `#/pools/jobs/queue`; what is unknown leads to the pools. */
export function readRoute(hash: string): Route {
  const [page, first, second] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decoded);
  if (page === 'pools' && first !== undefined && first !== '') {
    return { page: 'pool', pool: first, tab: poolTabs.find((tab) => tab === second) ?? 'workers' };
  }
  if (page === 'transfers') return { page, run: first || undefined };
  if (page === 'commands') return { page, command: first || undefined, pool: second || undefined };
  if (page === 'router') return { page };
  return { page: 'pools' };
}

/** The address of a place, such as `#/pools/jobs/queue`. */
export function hashOf(route: Route): string {
  const parts = (): readonly (string | undefined)[] => {
    switch (route.page) {
      case 'pool':
        return ['pools', route.pool, route.tab === 'workers' ? undefined : route.tab];
      case 'transfers':
        return ['transfers', route.run];
      case 'commands':
        return ['commands', route.command, route.pool];
      default:
        return [route.page];
    }
  };
  return `#/${parts()
    .filter((part) => part !== undefined)
    .map(encodeURIComponent)
    .join('/')}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
