import { commandInfo, commandItems, isCommandNode } from '../adhoc/discovery.ts';
import type { IqRequest } from '../envelope.ts';
import type { ErrorCode } from '../errors/errors.ts';
import { workerFeatures } from '../instances/worker-features.ts';
import type { Pool } from '../pool/pool.ts';
import type { Answer, DiscoItem } from '../requests/answer.ts';
import type { Service } from '../service.ts';
import { isCapsNode } from './caps.ts';
import { mayCount, poolInfo, poolItems, poolState, serviceInfo, stateNode, visibleItems } from './disco.ts';
import { pageOf } from './paging.ts';

type Info = IqRequest & { name: 'disco-info' };
type Items = IqRequest & { name: 'disco-items' };

/** The service's answer to disco#info and disco#items of `from`, or why there is none. */
export function discoverService(service: Service, asked: Info | Items, from: string): Answer | ErrorCode {
  if (isCommandNode(asked.node)) return discoverCommands(service, asked, asked.node, from, undefined);
  if (asked.node !== undefined) return 'unknown-node';
  if (asked.name === 'disco-info') return { name: 'disco-info', ...serviceInfo(service) };
  return listed(visibleItems(service, from), asked);
}

/** A pool's answer to disco#info and disco#items of `from`, who may know of it, or why there is none. */
export function discoverPool(service: Service, pool: Pool, asked: Info | Items, from: string): Answer | ErrorCode {
  if (isCommandNode(asked.node)) return discoverCommands(service, asked, asked.node, from, pool);
  if (asked.name === 'disco-info' && asked.node !== undefined && isCapsNode(pool, asked.node, service.capsVersion)) {
    return { name: 'disco-info', ...poolInfo(pool), node: asked.node };
  }
  if (asked.node !== undefined && asked.node !== stateNode) return 'unknown-node';
  if (asked.name === 'disco-items') return listed(asked.node === undefined ? poolItems(pool) : [], asked);
  const counts = mayCount(service, pool, from);
  if (asked.node !== undefined) return { name: 'disco-info', ...poolState(pool, counts) };
  // Workers come and go: what they can do is kept out of what caps are made of.
  const told = poolInfo(pool, counts);
  const features = [...new Set([...told.features, ...workerFeatures(pool, service.offered)])];
  return { name: 'disco-info', ...told, features };
}

/** What is below a worker's label or a sender's proxy: nothing, which is no error (XEP-0030, section 4.1). */
export function discoverParty(asked: Items): Answer | ErrorCode {
  return asked.node === undefined ? listed([], asked) : 'unknown-node';
}

function discoverCommands(
  service: Service,
  asked: Info | Items,
  node: string,
  from: string,
  pool: Pool | undefined,
): Answer | ErrorCode {
  if (asked.name === 'disco-info') return commandInfo(service, from, node, pool);
  const items = commandItems(service, from, node, pool);
  return typeof items === 'string' ? items : listed(items, asked);
}

function listed(items: readonly DiscoItem[], { node, page: wanted }: Items): Answer | ErrorCode {
  if (wanted === 'malformed') return 'malformed-page';
  // Items of one list differ by their node, or by their JID.
  const page = pageOf(items, wanted, ({ jid, node: own }) => own ?? jid);
  return page === undefined ? 'unknown-item' : { name: 'disco-items', node, items: page.items, page: page.info };
}
