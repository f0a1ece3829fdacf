import type { Config } from '../config/config.ts';
import { StoreError } from '../store/error.ts';
import { examineStore, type HeldQueue } from '../store/examine.ts';
import type { CheckFinding } from './check-finding.ts';

const subject = 'database';

/**
 * Whether the database can be used, and what messages lie in it.
 * @param pools Names of the configured pools: what others hold, no worker gets.
 */
export function storeFindings(store: Config['store'], pools: readonly string[]): CheckFinding[] {
  if (store.driver === 'memory')
    return [{ level: 'ok', subject, text: 'in memory: members and preferences end with the process' }];
  try {
    const { state, queues } = examineStore(store.file);
    const texts = {
      missing: `${store.file} does not exist yet; it will be made`,
      good: `${store.file} is sound${held(queues)}`,
      'in-use': `${store.file} is in use by a running router`,
    };
    return [{ level: 'ok', subject, text: texts[state] }, ...queues.flatMap((queue) => orphanFinding(queue, pools))];
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return [{ level: 'fail', subject, text: `${error.file}: ${error.problem}`, advice: error.advice }];
  }
}

function orphanFinding({ pool, open, dead }: HeldQueue, pools: readonly string[]): CheckFinding[] {
  if (pools.includes(pool) || open + dead === 0) return [];
  const text = `${amounts(open, dead)} of the pool ${pool}, which is not in the configuration`;
  const advice = 'They stay there, and no worker gets them. Configure the pool again to have them delivered.';
  return [{ level: 'note', subject, text, advice }];
}

function held(queues: readonly HeldQueue[]): string {
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
