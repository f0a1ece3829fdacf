import { domainOf } from '../../core/address/jid.ts';
import type { KeyPath } from '../issue.ts';
import type { ReadConfig } from '../schema/schema.ts';
import type { Finding } from './finding.ts';

type ReadNode = ReadConfig['pools'][string]['pubsub'][number];

/** What is wrong with the nodes of one pool; `path` leads to the pool. */
export function findPubSubContradictions(
  path: KeyPath,
  nodes: readonly ReadNode[],
  domain: string,
): readonly Finding[] {
  const seen = new Map<string, number>();
  return nodes.flatMap(({ service, node }, index): Finding[] => {
    const here = [...path, 'pubsub', index];
    const key = JSON.stringify([service, node]);
    const before = seen.get(key);
    seen.set(key, before ?? index);
    return [
      ...(domainOf(service) === domain ? [ownService(here)] : []),
      ...(before === undefined ? [] : [twice(here, [...path, 'pubsub', before])]),
    ];
  });
}

function ownService(path: KeyPath): Finding {
  return {
    level: 'error',
    path: [...path, 'service'],
    also: [['component', 'domain']],
    problem: 'The component itself is no PubSub service.',
    suggestion: 'Write the address of one, such as "pubsub.example.org".',
  };
}

function twice(path: KeyPath, also: KeyPath): Finding {
  return {
    level: 'error',
    path,
    also: [also],
    problem: 'The pool subscribes to this node twice, so that each event would come twice.',
    suggestion: 'Remove one of them.',
  };
}
