import { domainOf } from '../../core/address/jid.ts';
import type { KeyPath } from '../issue.ts';
import type { ReadConfig } from '../schema/schema.ts';
import type { Finding } from './finding.ts';

type ReadPool = ReadConfig['pools'][string];

/** What is contradictory or doubtful in the static members of one pool; `path` leads to the pool. */
export function findMemberContradictions(path: KeyPath, pool: ReadPool, domain: string): readonly Finding[] {
  const { members, workers } = pool;
  if (members.length === 0) return workers.length === 0 ? [nobody(path)] : [];
  return [...ownFindings(path, pool, domain), ...twiceFindings(path, pool), ...ackFindings(path, pool)];
}

function nobody(path: KeyPath): Finding {
  return {
    level: 'error',
    path: [...path, 'workers'],
    also: [],
    problem: 'This list is empty.',
    suggestion:
      'Write at least one access pattern, such as ["worker@example.org"], or "members", pools of other domains.',
  };
}

function ownFindings(path: KeyPath, { members }: ReadPool, domain: string): Finding[] {
  return members.flatMap(({ jid }, index): Finding[] => {
    if (domainOf(jid) !== domain) return [];
    const itself = jid === `${String(path.at(-1))}@${domain}`;
    return [
      {
        level: 'error',
        path: [...path, 'members', index, 'jid'],
        also: [['component', 'domain']],
        problem: itself
          ? 'The pool would be its own member.'
          : 'This is a pool of this very component: what passes from one to the other would come back to where it is.',
        suggestion: 'Write a pool of another domain; workers of this one join by their presence.',
      },
    ];
  });
}

function twiceFindings(path: KeyPath, { members }: ReadPool): Finding[] {
  const twice = (key: 'jid' | 'label', problem: string, suggestion: string): Finding[] => {
    const first = new Map<string, number>();
    return members.flatMap((member, index): Finding[] => {
      const value = member[key];
      if (value === undefined) return [];
      const before = first.get(value);
      if (before === undefined) {
        first.set(value, index);
        return [];
      }
      const at = [...path, 'members'];
      return [{ level: 'error', path: [...at, index, key], also: [[...at, before, key]], problem, suggestion }];
    });
  };
  return [
    ...twice('jid', 'The same pool stands twice in this list.', 'Write it once, with a "weight" for a greater share.'),
    ...twice('label', 'Two members cannot have the same label.', 'Give one of them another label, or none.'),
  ];
}

/** What a pool of another domain has on its disk is its own to deliver, as it says itself. */
function ackFindings(path: KeyPath, { delivery, workers }: ReadPool): Finding[] {
  const only = delivery.guarantee === 'at-least-once' && delivery.ack !== 'auto' && workers.length === 0;
  if (!only || delivery.ack === 'receipt') return [];
  return [
    {
      level: 'warning',
      path: [...path, 'delivery', 'ack'],
      also: [[...path, 'members']],
      problem:
        'Static members acknowledge what they have on their own disk; what their workers do is theirs to ask for.',
      suggestion: 'Write "auto" here, and this word in the pools that are members.',
    },
  ];
}
