import { bareOf, prepareJid } from '../address/jid.ts';
import type { Pool } from '../pool/pool.ts';
import type { Service } from '../service.ts';
import type { Caller, Command } from './command.ts';
import { commands } from './perform.ts';
import { mayGive, reachOf } from './reach.ts';

/** What `jid` (any form) may be as giver of commands; `undefined`: nothing. Admins first, then owners of at least one pool. */
export function callerOf(service: Service, jid: string): Caller | undefined {
  const prepared = prepareJid(jid);
  if (!prepared.ok) return undefined;
  const name = bareOf(prepared.jid);
  if (service.admins.allows(prepared.jid)) return { role: 'admin', name };
  const owner: Caller = { role: 'owner', name, jid: prepared.jid };
  return reachOf(owner, service.pools).size > 0 ? owner : undefined;
}

/** The commands this caller may give, in the list's order; with `pool`: only those that have a field `pool`. */
export function commandsFor(caller: Caller, pool?: Pool): readonly Command[] {
  const allowed = [...commands.values()].filter((command) => mayGive(caller, command));
  if (pool === undefined) return allowed;
  if (reachOf(caller, new Map([[pool.settings.name, pool]])).size === 0) return [];
  return allowed.filter(({ fields }) => fields.some(({ name }) => name === 'pool'));
}
