import type { Pool } from '../pool/pool.ts';
import type { Caller, Command } from './command.ts';

/** Whether `caller` may give this command at all. */
export function mayGive(caller: Caller, command: Command): boolean {
  return caller.role === 'admin' || command.role === 'owner';
}

/** The pools that there are for `caller`: for an owner those that are his. */
export function reachOf(caller: Caller, pools: ReadonlyMap<string, Pool>): ReadonlyMap<string, Pool> {
  if (caller.role === 'admin') return pools;
  return new Map([...pools].filter(([, pool]) => pool.owners.allows(caller.jid ?? caller.name)));
}
