import type { Pool } from '../pool/pool.ts';
import type { PresenceOut } from '../ports.ts';
import type { CapsVersion } from '../requests/answer.ts';
import { poolInfo } from './disco.ts';

/** Names the software, and with the version what it can do (XEP-0115 section 4). */
const node = 'urn:x-switchyard:pool';

/** What the pool's presence says of what it can do. */
export function capsOf(pool: Pool, version: CapsVersion): NonNullable<PresenceOut['caps']> {
  return { node, version: version(poolInfo(pool)) };
}

/** Whether `asked` is the node of disco#info that stands for the pool as it is (XEP-0115 section 6.2). */
export function isCapsNode(pool: Pool, asked: string, version: CapsVersion): boolean {
  return asked.startsWith(`${node}#`) && asked.slice(node.length + 1) === version(poolInfo(pool));
}
