import { bareOf, domainOf, resourceOf, utf8Length } from '../../core/address/jid.ts';
import type { AlgorithmName } from '../../core/settings.ts';
import { readPattern } from '../addresses.ts';
import { formatDuration } from '../duration.ts';
import type { KeyPath } from '../issue.ts';
import { alternatives } from '../leaves.ts';
import type { ReadConfig } from '../schema/schema.ts';
import type { Finding } from './finding.ts';
import { findMemberContradictions } from './members.ts';
import { findPubSubContradictions } from './pubsub.ts';
import { sameWhenPrepared } from './same-when-prepared.ts';

/** The algorithms that look at weights. */
const weighing: ReadonlySet<AlgorithmName> = new Set(['weighted', 'leastbusy', 'sticky']);
/** Bytes of a localpart (RFC 7622 section 3.3), less `+` and the key of an alias. */
const nameBesideKey = 1023 - 27;

type ReadPool = ReadConfig['pools'][string];

/** What is contradictory or doubtful in one pool; `path` leads to it. */
export function findPoolContradictions(path: KeyPath, pool: ReadPool, domain: string): readonly Finding[] {
  return [
    ...offerFindings(path, pool),
    ...ownDomainFindings(path, pool, domain),
    ...weightFindings(path, pool),
    ...windowFindings(path, pool),
    ...rateFindings(path, pool),
    ...joinFindings(path, pool),
    ...nameFindings(path, pool),
    ...findPubSubContradictions(path, pool.pubsub, domain),
    ...findMemberContradictions(path, pool, domain),
  ];
}

function offerFindings(path: KeyPath, { algorithm, offer, cmr }: ReadPool): Finding[] {
  const findings: Finding[] = [];
  const offerPath = [...path, 'offer'];
  if (!offer.includes('all') && !offer.includes('mostactive')) {
    findings.push({
      level: 'error',
      path: offerPath,
      also: [],
      problem: 'XEP-0354 section 5 asks every pool to offer "all" or "mostactive".',
      suggestion: 'Add "all" or "mostactive" to the list.',
    });
  }
  if (!offer.includes(algorithm)) {
    findings.push({
      level: 'error',
      path: [...path, 'algorithm'],
      also: [offerPath],
      problem: 'The pool does not offer the algorithm that it runs.',
      suggestion:
        offer.length === 0
          ? `Add "${algorithm}" to "offer".`
          : `Write ${alternatives(offer)}, or add "${algorithm}" to "offer".`,
    });
  }
  for (const [index, hint] of (cmr.hints ?? []).entries()) {
    if (offer.includes(hint)) continue;
    findings.push({
      level: 'error',
      path: [...path, 'cmr', 'hints', index],
      also: [offerPath],
      problem: 'The pool does not offer this algorithm.',
      suggestion: `Remove it, or add "${hint}" to "offer".`,
    });
  }
  return findings;
}

function ownDomainFindings(path: KeyPath, { workers, senders }: ReadPool, domain: string): Finding[] {
  const lists = [
    { name: 'workers', patterns: workers, problem: 'An address of the component itself cannot join a pool.' },
    { name: 'senders', patterns: senders, problem: 'An address of the component itself cannot send to a pool.' },
  ];
  return lists.flatMap(({ name, patterns, problem }) =>
    patterns.flatMap((pattern, index): Finding[] => {
      if (domainOf(pattern) !== domain) return [];
      const suggestion = 'Write an address of another domain.';
      return [{ level: 'error', path: [...path, name, index], also: [['component', 'domain']], problem, suggestion }];
    }),
  );
}

function weightFindings(path: KeyPath, { weights, offer }: ReadPool): readonly Finding[] {
  const weightsPath = [...path, 'weights'];
  const names = Object.keys(weights);
  const useless: Finding = {
    level: 'warning',
    path: weightsPath,
    also: [[...path, 'offer']],
    problem: 'Weights matter to "weighted", "leastbusy" and "sticky" only, and this pool offers none of them.',
    suggestion: 'Remove them, or add one of these to "offer".',
  };
  return [
    ...sameWhenPrepared(weightsPath, names, readPattern),
    ...(names.length > 0 && !offer.some((name) => weighing.has(name)) ? [useless] : []),
  ];
}

function rateFindings(path: KeyPath, { rate: { perSender, perDomain } }: ReadPool): Finding[] {
  if (perSender === undefined || perDomain === undefined) return [];
  if (perSender.count / perSender.period <= perDomain.count / perDomain.period) return [];
  return [
    {
      level: 'warning',
      path: [...path, 'rate', 'perSender'],
      also: [[...path, 'rate', 'perDomain']],
      problem: 'One account may send more than all accounts of its domain together, so this rate holds nobody.',
      suggestion: 'Write a rate below "perDomain", or raise that.',
    },
  ];
}

function windowFindings(path: KeyPath, { workWindow, replyWindow }: ReadPool): Finding[] {
  if (replyWindow >= workWindow) return [];
  return [
    {
      level: 'error',
      path: [...path, 'replyWindow'],
      also: [[...path, 'workWindow']],
      problem: `A worker could not answer a message that still counts as in flight, ${formatDuration(workWindow)}.`,
      suggestion: `Write at least "${formatDuration(workWindow)}", or lower "workWindow".`,
    },
  ];
}

/** Accounts subscribe, not single resources. */
function joinFindings(path: KeyPath, { join, workers }: ReadPool): Finding[] {
  if (join !== 'subscription') return [];
  return workers.flatMap((pattern, index): Finding[] => {
    if (resourceOf(pattern) === undefined) return [];
    return [
      {
        level: 'error',
        path: [...path, 'workers', index],
        also: [[...path, 'join']],
        problem: 'Workers of this pool join by subscription, which an account has as a whole.',
        suggestion: `Write "${bareOf(pattern)}", or "both" for "join".`,
      },
    ];
  });
}

function nameFindings(path: KeyPath, { proxy }: ReadPool): Finding[] {
  const name = String(path.at(-1));
  if (proxy === 'resource' || utf8Length(name) <= nameBesideKey) return [];
  return [
    {
      level: 'error',
      path: [...path, 'proxy'],
      also: [],
      problem: 'With the name of this pool, the addresses of its senders would be too long.',
      suggestion: `Write "resource", or give the pool a name of at most ${nameBesideKey} bytes.`,
    },
  ];
}
