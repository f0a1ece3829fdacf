import { formatDuration } from '../duration.ts';
import type { KeyPath } from '../issue.ts';
import { guaranteeKeys } from '../schema/delivery.ts';
import type { ReadConfig } from '../schema/schema.ts';
import { formatSize } from '../size.ts';
import type { Finding } from './finding.ts';

type ReadPool = ReadConfig['pools'][string];

/** What is contradictory or doubtful in what a pool promises; `path` leads to the pool. */
export function findDeliveryContradictions(
  path: KeyPath,
  pool: ReadPool,
  { store, limits }: Pick<ReadConfig, 'store' | 'limits'>,
  isWritten: (path: KeyPath) => boolean,
): readonly Finding[] {
  const { delivery } = pool;
  const guarantee = [...path, 'delivery', 'guarantee'];
  const hinted = delivery.hints.includes('at-least-once');
  if (delivery.guarantee === 'plain' && !hinted) return uselessFindings(path, pool, isWritten);
  const promise = delivery.guarantee === 'plain' ? [...path, 'delivery', 'hints'] : guarantee;
  return [
    ...storeFindings(promise, store),
    ...timeFindings([...path, 'delivery'], delivery),
    ...queueFindings([...path, 'delivery', 'queue'], delivery.queue, limits),
    ...shareFindings(path, pool),
    ...orderFindings(path, pool),
  ];
}

/** Keys that mean nothing where nothing is promised. */
function uselessFindings(path: KeyPath, { delivery, sticky }: ReadPool, isWritten: (path: KeyPath) => boolean) {
  const deliveryPath = [...path, 'delivery'];
  const also = ['guarantee', 'hints'].map((key) => [...deliveryPath, key]);
  const keys = Object.keys(delivery).filter((key) => !guaranteeKeys.has(key));
  const useless = keys.map((key) => [...deliveryPath, key]).filter(isWritten);
  if (sticky.bound !== undefined) useless.push([...path, 'sticky', 'bound']);
  const suggestion = 'Remove it, or write "at-least-once" for "delivery.guarantee".';
  const findings = useless.map((key) =>
    error(key, also, 'The pool is plain: it keeps no message, and nothing waits for a worker.', suggestion),
  );
  const hintsPath = [...deliveryPath, 'hints'];
  if (delivery.hints.length === 0 || !isWritten(hintsPath)) return findings;
  const nothing = 'Every message of this pool is plain, so there is nothing that a sender could ask for.';
  return [
    ...findings,
    error(hintsPath, [[...deliveryPath, 'guarantee']], nothing, 'Remove it, or add "at-least-once".'),
  ];
}

function storeFindings(path: KeyPath, { driver }: ReadConfig['store']): Finding[] {
  if (driver !== 'memory') return [];
  const problem = 'The store "memory" would lose, with the process, what the pool has accepted.';
  return [error(path, [['store', 'driver']], problem, 'Write "sqlite" for "store.driver", or let the pool be plain.')];
}

function timeFindings(path: KeyPath, { ttl, ackTimeout, backoff }: ReadPool['delivery']): Finding[] {
  const findings: Finding[] = [];
  if (ttl < ackTimeout) {
    findings.push(
      error(
        [...path, 'ttl'],
        [[...path, 'ackTimeout']],
        `A message would be given up while its worker may still acknowledge it, ${formatDuration(ackTimeout)}.`,
        `Write at least "${formatDuration(ackTimeout)}", or lower "ackTimeout".`,
      ),
    );
  }
  if (backoff.min > backoff.max) {
    findings.push(
      error(
        [...path, 'backoff', 'min'],
        [[...path, 'backoff', 'max']],
        `The first pause is longer than the longest, ${formatDuration(backoff.max)}.`,
        `Write at most "${formatDuration(backoff.max)}", or raise "max".`,
      ),
    );
  }
  return findings;
}

function queueFindings(
  path: KeyPath,
  { maxBytes, maxMessages, perSender }: ReadPool['delivery']['queue'],
  { stanza }: ReadConfig['limits'],
): Finding[] {
  const shareOf = [...path, 'perSender'];
  if (maxBytes < stanza) {
    const suggestion = `Write at least "${formatSize(stanza)}", or lower "limits.stanza".`;
    const problem = `The largest stanza, ${formatSize(stanza)}, does not fit in.`;
    return [error([...path, 'maxBytes'], [['limits', 'stanza']], problem, suggestion)];
  }
  if (maxMessages * perSender < 1) {
    const problem = `This share of ${maxMessages} messages is less than one, so nobody could send.`;
    return [error(shareOf, [[...path, 'maxMessages']], problem, 'Write a larger share, or raise "maxMessages".')];
  }
  if (maxBytes * perSender >= stanza) return [];
  const finding = error(
    shareOf,
    [
      [...path, 'maxBytes'],
      ['limits', 'stanza'],
    ],
    `The largest stanza, ${formatSize(stanza)}, is more than this share of ${formatSize(maxBytes)}.`,
    'Write a larger share, or raise "maxBytes".',
  );
  return [{ ...finding, level: 'warning' }];
}

/** Where few accounts send and each has its share, a part of the queue is nobody's: so behind the pool of a front. */
function shareFindings(path: KeyPath, { senders, delivery }: ReadPool): Finding[] {
  const share = delivery.queue.perSender;
  const accounts = new Set(senders).size;
  const all = senders.length > 0 && senders.every((sender) => /^[^*@/]+@[^*@/]+$/.test(sender));
  if (!all || accounts * share >= 1) return [];
  const together = `${Math.round(accounts * share * 100)}%`;
  const problem =
    accounts === 1
      ? `All messages come from one account, ${senders[0]}, which may have ${together} of the queue: the rest stays empty.`
      : `All messages come from ${accounts} accounts, which may have ${together} of the queue together: the rest stays empty.`;
  const least = Math.ceil(100 / accounts);
  const suggestion = `Write ${least === 100 ? '' : `at least "${least}%", and `}"100%" where an account is a pool in front of this one.`;
  const perSender = [...path, 'delivery', 'queue', 'perSender'];
  return [{ ...error(perSender, [[...path, 'senders']], problem, suggestion), level: 'warning' }];
}

function orderFindings(path: KeyPath, { algorithm, delivery }: ReadPool): Finding[] {
  const findings: Finding[] = [];
  const deliveryPath = [...path, 'delivery'];
  if (delivery.ordering !== 'none' && algorithm === 'all') {
    const problem =
      'The algorithm "all" gives a message to many workers, each of which takes its time: there is no order.';
    const suggestion = 'Write "none", or another "algorithm".';
    findings.push(error([...deliveryPath, 'ordering'], [[...path, 'algorithm']], problem, suggestion));
  }
  if (delivery.queue.overflow === 'dead-letter-oldest' && delivery.deadLetters === 0) {
    const problem = 'No dead letters are kept, so that the oldest message would be lost.';
    const suggestion = 'Write "reject", or a duration for "deadLetters".';
    const overflow = [...deliveryPath, 'queue', 'overflow'];
    findings.push(error(overflow, [[...deliveryPath, 'deadLetters']], problem, suggestion));
  }
  return findings;
}

function error(path: KeyPath, also: readonly KeyPath[], problem: string, suggestion: string): Finding {
  return { level: 'error', path, also, problem, suggestion };
}
