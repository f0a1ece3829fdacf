/** Most pools that a request may pass. */
const hopsMax = 3;
/** How the ids begin of requests that a pool gives to another: how many pools they have passed. */
const form = /^hop([1-9])-/;

/** How many pools a request has passed, as its id says. Who invents that harms nothing but his own request. */
export function requestHops(id: string | undefined): number {
  return Number(form.exec(id ?? '')?.[1] ?? 0);
}

/** Whether a request goes round, for all that its id says: it has no other place for a mark. */
export function goesRound(id: string | undefined): boolean {
  return requestHops(id) >= hopsMax;
}

/** The id of a request on its way to another pool. */
export function hopId(id: string, passed: number): string {
  return `hop${passed + 1}-${id}`;
}
