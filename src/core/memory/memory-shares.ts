/** Most that recent forwards may take, however large the limit (design.md, "Plain and at-least-once"). */
const ringsMost = 64 * 1024 * 1024;

/** What `limits.memory` is divided into; bytes. */
export interface MemoryShares {
  /** Who wrote to which pool: the licences to answer. */
  readonly conversations: number;
  /** Requests that workers have not answered yet. */
  readonly requests: number;
  /** Workers, and accounts that worked of late. */
  readonly members: number;
  /** What waits, and who subscribes to a pool. */
  readonly waiting: number;
  /** Recent forwards, kept to be given to another worker. */
  readonly rings: number;
  readonly aliases: number;
  /** Keys whose worker the algorithm `sticky` remembers. */
  readonly stickyKeys: number;
  /** Who wrote how much of late, where pools limit that. */
  readonly rates: number;
  /** By what messages are known that are sent again to durable pools. */
  readonly duplicates: number;
}

/**
 * What changes may take while the disk does not take them, of `limits.memory` and beside it: room for
 * all workers to be written at once, twice. In bytes.
 */
export function changesShare(limit: number): number {
  return limit / 2;
}

/**
 * Divides `limit`, which is `limits.memory` in bytes, among those that hold something for later.
 * @param passesRequests Whether any pool gives requests to workers: else they need no memory.
 * @param durable Whether any pool keeps what it accepts: else duplicates need none.
 */
export function memoryShares(limit: number, passesRequests = false, durable = false): MemoryShares {
  const sixteenth = limit / 16;
  const requests = passesRequests ? 2 * sixteenth : 0;
  const duplicates = durable ? sixteenth : 0;
  return {
    conversations: 5 * sixteenth - requests - duplicates,
    requests,
    members: 3 * sixteenth,
    waiting: 2 * sixteenth,
    rings: Math.min(2 * sixteenth, ringsMost),
    aliases: 2 * sixteenth,
    stickyKeys: sixteenth,
    rates: sixteenth,
    duplicates,
  };
}
