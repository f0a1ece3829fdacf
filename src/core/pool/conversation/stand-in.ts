import { aliasAddress, proxyFor } from '../../address/address.ts';
import type { Service } from '../../service.ts';
import type { Pool } from '../pool.ts';
import type { Conversation } from './conversations.ts';

/**
 * The conversation of `sender` with `pool`, begun if need be. `undefined` while there is no address
 * that can stand for the sender before workers: he has to be given an alias first (`Introductions`).
 */
export function converse(service: Service, pool: Pool, sender: string): Conversation | undefined {
  const known = service.conversations.find(pool.settings.name, sender);
  if (known !== undefined) return known;
  const standIn = standInFor(service, pool, sender);
  return standIn === undefined
    ? undefined
    : service.conversations.open(pool.settings.name, standIn.sender, standIn.address);
}

/** Whether something stands for `sender` before workers, or can at once. */
export function hasStandIn(service: Service, pool: Pool, sender: string): boolean {
  const known = service.conversations.find(pool.settings.name, sender);
  return known !== undefined || standInFor(service, pool, sender) !== undefined;
}

/** What stands for `sender`, and a string of his JID that is held anyway. */
interface StandIn {
  readonly sender: string;
  readonly address: string;
}

/** The address that stands for `sender` before workers, if there is one. */
export function standInFor({ aliases, domain }: Service, pool: Pool, sender: string): StandIn | undefined {
  const { name, identity, proxy } = pool.settings;
  const readable = identity === 'real' && proxy === 'resource' ? proxyFor(name, domain, sender) : undefined;
  if (readable !== undefined) return { sender, address: readable };
  const alias = aliases.find(name, sender);
  if (alias === undefined || alias.line !== undefined) return undefined;
  // The alias' own string, so that a long JID is held once.
  return { sender: alias.sender, address: aliasAddress(name, domain, alias.key, proxy) };
}
