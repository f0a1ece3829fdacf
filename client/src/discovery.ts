import type { Connection } from './connection.ts';
import { type Element, xml } from './element.ts';
import { ns } from './namespaces.ts';

export interface DiscoverOptions {
  /** Only what advertises this feature. */
  readonly feature?: string;
  /** How many entities are looked at, at most; default 500. */
  readonly limit?: number;
  /** Milliseconds for each question; default 5000. */
  readonly timeout?: number;
}

/** Something that discovery found. */
export interface Service {
  readonly jid: string;
  readonly name: string | undefined;
  /** `category/type` of each identity. */
  readonly identities: readonly string[];
  readonly features: readonly string[];
}

/** How far below the start it looks: a server, its components, their pools. */
const depthLimit = 3;
/** Questions at a time. */
const atATime = 8;

/**
 * Asks an entity what it is, then its items, and theirs (XEP-0030). Who does not answer, or answers
 * with an error, is left out; the first must answer.
 */
export async function discover(connection: Connection, at: string, options: DiscoverOptions): Promise<Service[]> {
  const { feature, limit = 500, timeout = 5_000 } = options;
  const found: Service[] = [await describe(connection, { jid: at, name: undefined }, timeout)];
  const seen = new Set([at]);
  let level = [at];
  for (let depth = 1; depth < depthLimit && level.length > 0; depth += 1) {
    const fresh: Item[] = [];
    for (const parent of level) {
      const items = await itemsOf(connection, parent, limit - seen.size, timeout).catch(() => []);
      for (const item of items) {
        if (seen.has(item.jid) || seen.size >= limit) continue;
        seen.add(item.jid);
        fresh.push(item);
      }
    }
    found.push(...(await describeAll(connection, fresh, timeout)));
    level = fresh.map(({ jid }) => jid);
  }
  return found.filter(({ features }) => feature === undefined || features.includes(feature));
}

async function describeAll(connection: Connection, items: readonly Item[], timeout: number): Promise<Service[]> {
  const found: Service[] = [];
  for (let next = 0; next < items.length; next += atATime) {
    const asked = items.slice(next, next + atATime).map((item) => describe(connection, item, timeout));
    const answers = await Promise.allSettled(asked);
    found.push(...answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])));
  }
  return found;
}

async function describe(connection: Connection, { jid, name }: Item, timeout: number): Promise<Service> {
  const answer = await connection.request(jid, xml('query', { xmlns: ns.discoInfo }), 'get', timeout);
  const identities = answer?.getChildren('identity') ?? [];
  return {
    jid,
    name: name ?? identities.find(({ attrs }) => attrs['name'] !== undefined)?.attrs['name'],
    identities: identities.map(({ attrs }) => `${attrs['category'] ?? ''}/${attrs['type'] ?? ''}`),
    features: (answer?.getChildren('feature') ?? []).flatMap(({ attrs }) => attrs['var'] ?? []),
  };
}

interface Item {
  readonly jid: string;
  readonly name: string | undefined;
}

/** All pages (XEP-0059), up to a limit. */
async function itemsOf(connection: Connection, jid: string, limit: number, timeout: number): Promise<Item[]> {
  const items: Item[] = [];
  for (let after: string | undefined; items.length < limit; ) {
    const page = after === undefined ? undefined : xml('set', { xmlns: ns.rsm }, xml('after', {}, after));
    const answer = await connection.request(jid, xml('query', { xmlns: ns.discoItems }, page), 'get', timeout);
    const more = (answer?.getChildren('item') ?? []).flatMap(readItem);
    items.push(...more);
    const last = answer?.getChild('set', ns.rsm)?.getChildText('last') ?? undefined;
    if (more.length === 0 || last === undefined || last === after) break;
    after = last;
  }
  return items;
}

/** Items with a node are parts of their entity, and no addresses. */
function readItem({ attrs }: Element): Item[] {
  const { jid, name, node } = attrs;
  return jid === undefined || node !== undefined ? [] : [{ jid, name }];
}
