import type { Config } from '../config/config.ts';
import { StoreError } from '../store/error.ts';
import { examineStore, type HeldQueue, type StoreFinding } from '../store/examine.ts';
import type { CheckFinding } from './check-finding.ts';

const subject = 'database';

/** What was found of the store; why it cannot be used. */
export type StoreLook = StoreFinding | 'in-memory' | { readonly failure: StoreError };

/** Looks at the store, and changes nothing. */
export function lookAtStore(store: Config['store']): StoreLook {
  if (store.driver === 'memory') return 'in-memory';
  try {
    return examineStore(store.file);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { failure: error };
  }
}

/**
 * Whether the database can be used, and what messages lie in it.
 * @param pools Names of the pools that there are: what others hold, no worker gets.
 */
export function storeFindings(store: Config['store'], look: StoreLook, pools: readonly string[]): CheckFinding[] {
  if (look === 'in-memory' || store.driver === 'memory')
    return [{ level: 'ok', subject, text: 'in memory: members and preferences end with the process' }];
  if ('failure' in look) {
    const { file, problem, advice } = look.failure;
    return [{ level: 'fail', subject, text: `${file}: ${problem}`, advice }];
  }
  const { state, queues } = look;
  const texts = {
    missing: `${store.file} does not exist yet; it will be made`,
    good: `${store.file} is sound${heldText(queues)}`,
    'in-use': `${store.file} is in use by a running router`,
  };
  return [{ level: 'ok', subject, text: texts[state] }, ...queues.flatMap((queue) => orphanFinding(queue, pools))];
}

function orphanFinding({ pool, open, dead }: HeldQueue, pools: readonly string[]): CheckFinding[] {
  if (pools.includes(pool) || open + dead === 0) return [];
  const text = `${amounts(open, dead)} of the pool ${pool}, which is not in the configuration`;
  const advice = 'They stay there, and no worker gets them. Configure the pool again to have them delivered.';
  return [{ level: 'note', subject, text, advice }];
}

/** What messages a database holds, to follow other words about it; empty when none. */
export function heldText(queues: readonly HeldQueue[]): string {
  const open = queues.reduce((sum, queue) => sum + queue.open, 0);
  const dead = queues.reduce((sum, queue) => sum + queue.dead, 0);
  return open + dead === 0 ? '' : `, and holds ${amounts(open, dead)}`;
}

function amounts(open: number, dead: number): string {
  const letters = `${dead} dead ${dead === 1 ? 'letter' : 'letters'}`;
  if (open === 0) return letters;
  const messages = `${open} ${open === 1 ? 'message' : 'messages'} for workers`;
  return dead === 0 ? messages : `${messages} and ${letters}`;
}
