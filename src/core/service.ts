import { Rings } from './delivery/rings.ts';
import { Offered } from './instances/offered.ts';
import { MemoryBudget } from './memory/memory.ts';
import { type MemoryShares, memoryShares } from './memory/memory-shares.ts';
import { Aliases } from './pool/conversation/aliases.ts';
import { Conversations } from './pool/conversation/conversations.ts';
import { Pool, type PoolShare } from './pool/pool.ts';
import { AccessList } from './pool/rules/access.ts';
import { SubscriptionBook } from './pool/subscription/subscription-book.ts';
import type { ElementReader, Out } from './ports.ts';
import type { CapsVersion } from './requests/answer.ts';
import { PendingRequests } from './requests/pending.ts';
import type { PoolSettings, ServiceSettings } from './settings.ts';

/** What the worker of one key costs to remember, in bytes: a number, a record, a place in a table. */
const keyCost = 64;
/** Keys that a pool can do with, and those that it has whatever the budget. */
const keysMax = 65_536;
const keysMin = 256;
/** Verdicts that the access lists of a kind remember in all pools together, and the bounds of one list. */
const verdictsTotal = 65_536;
const verdictsMost = 1_024;
const verdictsLeast = 16;

/** The service as a whole: what the parts of the router share. */
export interface Service {
  /** These three change by a reload only. */
  settings: ServiceSettings;
  pools: ReadonlyMap<string, Pool>;
  admins: AccessList;
  readonly domain: string;
  readonly out: Out;
  readonly conversations: Conversations;
  readonly aliases: Aliases;
  readonly memory: MemoryBudget;
  /** For workers, and accounts that worked of late. */
  readonly members: MemoryBudget;
  /** Who subscribes to which pool. */
  readonly subscriptions: SubscriptionBook;
  readonly rings: Rings;
  /** For what durable messages are known by when they come again. */
  readonly duplicates: MemoryBudget;
  readonly offered: Offered;
  /** Requests that workers have not answered yet. */
  readonly pending: PendingRequests;
  readonly readElement: ElementReader;
  readonly capsVersion: CapsVersion;
  /** True once the service takes no more work because it is being shut down. */
  draining: boolean;
  /** When the service was first told the time, in epoch milliseconds. */
  startedAt: number | undefined;
}

/** What is for sticky keys and for rates, divided among the pools that may need them. */
function shareOf(
  { pools }: ServiceSettings,
  { stickyKeys, rates }: MemoryShares,
  members: MemoryBudget,
  subscriptions: SubscriptionBook,
): PoolShare {
  const keys = Math.floor(stickyKeys / keyCost / Math.max(1, pools.length));
  const limited = pools.filter(({ rate }) => rate.perSender ?? rate.perDomain ?? rate.perWorker);
  return {
    members,
    subscriptions,
    keysRemembered: Math.min(keysMax, Math.max(keysMin, keys)),
    rateBytes: rates / Math.max(1, limited.length),
    verdicts: Math.min(verdictsMost, Math.max(verdictsLeast, Math.floor(verdictsTotal / Math.max(1, pools.length)))),
  };
}

/** Whether any pool may give a request to a worker. */
function passesRequests({ pools }: ServiceSettings): boolean {
  return pools.some(({ requests }) => requests.mode !== 'reject');
}

/** Whether a pool may have to keep what it is sent. */
export function mayBeDurable({ delivery }: PoolSettings): boolean {
  return delivery.guarantee === 'at-least-once' || delivery.hints.includes('at-least-once');
}

/** Makes the service that `settings` describe, with no members and no history. */
export function createService(
  settings: ServiceSettings,
  out: Out,
  readElement: ElementReader,
  capsVersion: CapsVersion,
): Service {
  const shares = memoryShares(settings.memory, passesRequests(settings), settings.pools.some(mayBeDurable));
  const members = new MemoryBudget(shares.members);
  const memory = new MemoryBudget(shares.waiting);
  const subscriptions = new SubscriptionBook(out, memory);
  const share = shareOf(settings, shares, members, subscriptions);
  const rings = new Rings(shares.rings);
  return {
    settings,
    pools: new Map(
      settings.pools.map((pool) => [pool.name, new Pool(pool, settings.domain, memory, rings, out, share)]),
    ),
    admins: new AccessList(settings.admins),
    domain: settings.domain,
    out,
    conversations: new Conversations(shares.conversations),
    aliases: new Aliases(shares.aliases),
    memory,
    members,
    subscriptions,
    rings,
    duplicates: new MemoryBudget(shares.duplicates),
    offered: new Offered(),
    pending: new PendingRequests(shares.requests),
    readElement,
    capsVersion,
    draining: false,
    startedAt: undefined,
  };
}

/**
 * Gives the service other settings; its domain stays. Pools that stay are the same objects, with
 * the settings that they had: who reloads goes through them. Returns the pools that are gone.
 */
export function replaceSettings(service: Service, settings: ServiceSettings): readonly Pool[] {
  const { domain, memory, members, subscriptions, rings, out, pools } = service;
  const shares = memoryShares(settings.memory, passesRequests(settings), settings.pools.some(mayBeDurable));
  const share = shareOf(settings, shares, members, subscriptions);
  memory.resize(shares.waiting);
  members.resize(shares.members);
  rings.resize(shares.rings);
  service.duplicates.resize(shares.duplicates);
  service.pending.resize(shares.requests);
  service.conversations.resize(shares.conversations);
  service.aliases.resize(shares.aliases);
  service.settings = settings;
  service.admins = new AccessList(settings.admins);
  service.pools = new Map(
    settings.pools.map((pool) => [
      pool.name,
      pools.get(pool.name) ?? new Pool(pool, domain, memory, rings, out, share),
    ]),
  );
  return [...pools.values()].filter((pool) => !service.pools.has(pool.settings.name));
}
