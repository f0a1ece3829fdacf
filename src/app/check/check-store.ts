import type { Config } from '../../config/config.ts';
import { StoreError } from '../../store/error.ts';
import { examineStore, type HeldQueue, type StoreFinding } from '../../store/examine.ts';
import { examinePostgres, type PostgresFinding } from '../../store/postgres/examine.ts';
import { amounts, heldText } from '../database/held-text.ts';
import type { CheckFinding } from './check-finding.ts';
import { postgresFindings } from './check-postgres.ts';

const subject = 'database';

/** What was found of the store; why it cannot be used. */
export type StoreLook = StoreFinding | PostgresFinding | 'in-memory' | { readonly failure: StoreError };

/** Looks at the store, and changes nothing. */
export async function lookAtStore({ store, component }: Pick<Config, 'store' | 'component'>): Promise<StoreLook> {
  if (store.driver === 'memory') return 'in-memory';
  try {
    if (store.driver === 'postgres') return await examinePostgres(store, component.domain);
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
  if (look === 'in-memory')
    return [{ level: 'ok', subject, text: 'in memory: members and preferences end with the process' }];
  if ('failure' in look) {
    const { file, problem, advice } = look.failure;
    return [{ level: 'fail', subject, text: `${file}: ${problem}`, advice }];
  }
  const { queues } = look;
  const found = 'host' in look ? postgresFindings(look) : fileFindings(store, look);
  return [...found, ...queues.flatMap((queue) => orphanFinding(queue, pools))];
}

function fileFindings(store: Config['store'], { state, queues }: StoreFinding): CheckFinding[] {
  const file = 'file' in store ? store.file : '';
  const texts = {
    missing: `${file} does not exist yet; it will be made`,
    good: `${file} is sound${heldText(queues)}`,
    'in-use': `${file} is in use by a running router`,
  };
  return [{ level: 'ok', subject, text: texts[state] }];
}

function orphanFinding({ pool, open, dead }: HeldQueue, pools: readonly string[]): CheckFinding[] {
  if (pools.includes(pool) || open + dead === 0) return [];
  const text = `${amounts(open, dead)} of the pool ${pool}, which is not in the configuration`;
  const advice = 'They stay there, and no worker gets them. Configure the pool again to have them delivered.';
  return [{ level: 'note', subject, text, advice }];
}
