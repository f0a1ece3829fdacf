import { bareOf, prepareJid } from '../address/jid.ts';
import type { Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import type { CommandHouse, Input, Refusal } from './command.ts';
import { optionalText, requiredText } from './field.ts';

/** A pool that must be named. */
export const poolField = requiredText({ name: 'pool', label: 'Pool', help: 'The name of the pool.' });
/** A pool that may be left out. */
export const anyPoolField = optionalText({
  name: 'pool',
  label: 'Pool',
  help: 'The name of the pool. Left out, every pool.',
});
/** The workers that a command is about. */
export const workerField = requiredText({
  name: 'worker',
  label: 'Worker',
  help: 'A worker by its full JID, all workers of an account by its bare JID, or one by its label, with its pool.',
});

/** A worker in a pool. */
export interface Place {
  readonly pool: Pool;
  readonly member: Member;
}

/** What a command names, or why there is nothing of that name. */
type Found<T> = { readonly found: T } | { readonly missing: Refusal };

/** The pool of this name. */
export function findPool({ pools }: CommandHouse, name: string): Found<Pool> {
  const pool = pools.get(name);
  if (pool !== undefined) return { found: pool };
  return { missing: { refused: 'command-target', field: poolField.name, text: 'There is no pool of this name.' } };
}

/** The pool that was named, or all. */
export function findPools(house: CommandHouse, input: Input): Found<readonly Pool[]> {
  const name = input.of(anyPoolField);
  if (name === undefined) return { found: [...house.pools.values()] };
  const pool = findPool(house, name);
  return 'missing' in pool ? pool : { found: [pool.found] };
}

/** The workers that were named, in the pools that were named; at least one. */
export function findWorkers(house: CommandHouse, input: Input): Found<readonly Place[]> {
  const pools = findPools(house, input);
  if ('missing' in pools) return pools;
  const name = input.of(workerField);
  const byLabel = input.of(anyPoolField) === undefined ? undefined : name;
  const found = pools.found.flatMap((pool) => membersOf(pool, name, byLabel).map((member) => ({ pool, member })));
  if (found.length > 0) return { found };
  const text = 'No such worker is here. The list of workers has their names.';
  return { missing: { refused: 'command-target', field: workerField.name, text } };
}

function membersOf(pool: Pool, name: string, label: string | undefined): readonly Member[] {
  const labelled = label === undefined ? undefined : pool.roster.byLabel(label);
  if (labelled !== undefined) return [labelled];
  const jid = preparedName(name);
  const one = pool.roster.get(jid);
  if (one !== undefined) return [one];
  return bareOf(jid) === jid ? pool.roster.ofAccount(jid) : [];
}

/** A worker's name in the form in which JIDs are kept. */
export function preparedName(name: string): string {
  const prepared = prepareJid(name);
  return prepared.ok ? prepared.jid : name;
}
