/** A message that a durable pool has accepted, and how far its delivery is. */
export interface StoredDelivery {
  readonly pool: string;
  /** Ours; grows with time; unique in the store for ever (epoch milliseconds * 2048 + counter). Its base 32 is the stanza-id. */
  readonly id: number;
  readonly state: 'ready' | 'leased' | 'dead';
  /** The sender's exact JID. */
  readonly sender: string;
  /** What the message was sent to: the pool's bare JID, or a label of it. */
  readonly to: string;
  /** `type` as the sender wrote it; `undefined` when he wrote none. */
  readonly type: 'normal' | 'chat' | 'headline' | undefined;
  /** The sender's own id; `undefined` when there is none. */
  readonly message: string | undefined;
  /** The id that it goes out with in place of the sender's; `undefined` where he keeps his own. */
  readonly wire: string | undefined;
  readonly lang: string | undefined;
  /** What else the envelope says that a later attempt needs (thread, hint, refersTo, hops), as JSON; `undefined` for nothing. */
  readonly rest: string | undefined;
  /** Children as XML text, as `MessageEnvelope.tail`. */
  readonly tail: string;
  /** Bytes that it counts for in the queue. */
  readonly bytes: number;
  /** Epoch milliseconds of the acceptance. */
  readonly since: number;
  /** Epoch milliseconds after which it is given up. */
  readonly expires: number;
  /** Ordering key; `undefined` in pools without ordering. */
  readonly key: string | undefined;
  /** The sender asked for a receipt (XEP-0184). */
  readonly receipt: boolean;
  /** Attempts begun, over all redrives: 0 before the first. */
  readonly attempt: number;
  /** `attempt` when it was redriven last: what `maxAttempts` counts from. */
  readonly base: number;
  /** Full JID of the worker that has it (state leased); of copies several, one a line. */
  readonly worker: string | undefined;
  /** Random part of the token of the attempt that runs, or ran last. */
  readonly nonce: string | undefined;
  /** Epoch milliseconds: when the lease began; 0 for others. */
  readonly leasedAt: number;
  /** Epoch milliseconds: when the lease runs out; 0 for others. */
  readonly deadline: number;
  /** Epoch milliseconds before which it is not tried again; 0 for at once. */
  readonly notBefore: number;
  /** Earlier attempts, as JSON (a list of [worker, began, ended, end]); `undefined` for none. Who is in it is avoided. */
  readonly history: string | undefined;
  /** Why it is dead; `undefined` for others. */
  readonly reason: string | undefined;
  /** Epoch milliseconds; 0 for others. */
  readonly deadAt: number;
}

/**
 * A step of a delivery. Each says what its row must be; where it is not, nothing is changed and
 * the change alone is refused, by an error of the kind `stale`.
 */
export type DeliveryChange =
  /**
   * Takes a message in; an id that is there already is left alone. `duplicate`: by what a second
   * one is known (de-duplication), 16 bytes in hexadecimal.
   */
  | ({ readonly op: 'accept'; readonly duplicate: string | undefined } & StoredDelivery)
  /** Gives one that is ready or leased, with `attempt` - 1, to a worker: that it came back need not have been stored. */
  | {
      readonly op: 'lease';
      readonly pool: string;
      readonly id: number;
      readonly attempt: number;
      readonly worker: string;
      readonly nonce: string | undefined;
      readonly leasedAt: number;
      readonly deadline: number;
    }
  /** Makes one that is leased with `attempt` ready again. */
  | {
      readonly op: 'release';
      readonly pool: string;
      readonly id: number;
      readonly attempt: number;
      readonly notBefore: number;
      readonly history: string | undefined;
    }
  /** Moves the deadline of one that is leased with `attempt`. */
  | {
      readonly op: 'extend';
      readonly pool: string;
      readonly id: number;
      readonly attempt: number;
      readonly deadline: number;
    }
  /** Removes one that is ready or leased, whatever its attempt: it is done. It is known as a duplicate until its time. */
  | { readonly op: 'ack'; readonly pool: string; readonly id: number }
  /**
   * Makes one that is ready or leased, with `attempt`, a dead letter; it is no longer known as a duplicate.
   * `at` is 0 until its sender is told.
   */
  | {
      readonly op: 'bury';
      readonly pool: string;
      readonly id: number;
      readonly attempt: number;
      readonly reason: string;
      readonly at: number;
      readonly history: string | undefined;
    }
  /** Dates a dead letter that has no date: its sender is told, and it is kept. */
  | { readonly op: 'keep'; readonly pool: string; readonly id: number; readonly at: number }
  /** Removes one with `attempt`, whatever its state, because its sender is told; it is no longer known as a duplicate. */
  | {
      readonly op: 'bounce';
      readonly pool: string;
      readonly id: number;
      readonly attempt: number;
      readonly reason: string;
    }
  /** Removes one, whatever its state; it is no longer known as a duplicate. */
  | { readonly op: 'purge'; readonly pool: string; readonly id: number }
  /** Makes a dead letter ready again; its attempts are counted anew. */
  | {
      readonly op: 'redrive';
      readonly pool: string;
      readonly id: number;
      readonly expires: number;
      readonly notBefore: number;
    }
  /** Forgets by what duplicates of deliveries of ids below `before` are known. Never refused as stale. */
  | { readonly op: 'forget-duplicates'; readonly pool: string; readonly before: number };

/**
 * What became of a pool's deliveries since the store was made. `accepted` is always the sum of
 * `acknowledged`, `bounced`, `purged`, of the dead ones and of the open ones.
 */
export interface StoredTally {
  readonly accepted: number;
  readonly acknowledged: number;
  readonly bounced: number;
  readonly purged: number;
  /** The highest id that was ever accepted; 0 for none. No new delivery may have it, or one that is lower. */
  readonly last: number;
}

/** The deliveries of a pool, as far as they are read at start. */
export interface StoredQueue {
  readonly pool: string;
  readonly tally: StoredTally;
  /** How many are ready or leased. */
  readonly open: number;
  /** Bytes of those. */
  readonly bytes: number;
  /** How many are dead letters. */
  readonly dead: number;
  /** How much each sender (bare JID) has open. */
  readonly senders: readonly { readonly sender: string; readonly open: number }[];
  /** Those that are leased, or wait for a later attempt (ready, attempt > base): whole, by id. */
  readonly begun: readonly StoredDelivery[];
  /** By what duplicates are known, with the id of their delivery, by id; of very many the newest. */
  readonly duplicates: readonly { readonly id: number; readonly key: string }[];
}

/**
 * What can be read of a pool's deliveries while the router runs. At most `limit` rows are given;
 * where `bytes` is said, no more than fit into so many, by what they count for, but at least one.
 */
export type QueueQuery =
  /** Ready and never begun since the last redrive, by id, after the id `after`. */
  | {
      readonly want: 'ready';
      readonly pool: string;
      readonly after: number;
      readonly limit: number;
      readonly bytes: number;
    }
  /** The same, of one ordering key. */
  | {
      readonly want: 'key';
      readonly pool: string;
      readonly key: string;
      readonly after: number;
      readonly limit: number;
      readonly bytes: number;
    }
  /** Ready, and given up at `now` or before: what expired first comes first. */
  | { readonly want: 'expired'; readonly pool: string; readonly now: number; readonly limit: number }
  /** Dead letters that died at `from` or later and before `before`, oldest first; those of no date died at 0. */
  | {
      readonly want: 'dead';
      readonly pool: string;
      readonly from: number;
      readonly before: number;
      readonly limit: number;
    }
  /** For operators: of these states, by id, after the id `after`. */
  | {
      readonly want: 'list';
      readonly pool: string;
      readonly states: readonly StoredDelivery['state'][];
      readonly after: number;
      readonly limit: number;
    }
  /** Those of these ids that there are, by id. */
  | { readonly want: 'ids'; readonly pool: string; readonly ids: readonly number[] };

/** Answer to a `QueueQuery`: whole rows, and whether there are more of them. */
export interface QueueRows {
  readonly rows: readonly StoredDelivery[];
  readonly more: boolean;
}
