import type { MessageEnvelope } from '../envelope.ts';
import type { Conversation } from '../pool/conversation/conversations.ts';
import type { Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import type { Service } from '../service.ts';
import type { Delivery } from './delivery.ts';
import type { Duplicates } from './duplicates.ts';
import type { Later } from './later.ts';
import type { PoolQueue } from './pool-queue.ts';
import type { DeliveryIds } from './token.ts';

/** What the parts of durable delivery share. */
export interface Desk {
  readonly service: Service;
  readonly queues: ReadonlyMap<string, PoolQueue>;
  readonly ids: DeliveryIds;
  readonly duplicates: Duplicates;
  /** The caller's clock as it was told last: commits are reported between stanzas. */
  now: number;
  /** Whether there is a link. */
  attached: boolean;
  /** What is tried again. */
  readonly later: Later;
  /** Whether the store failed when it was asked last. */
  storeFails: boolean;
  /** Until when nothing new is given out, because the server does not read; epoch milliseconds. */
  congestedUntil: number;
  /** Makes what nobody can guess. */
  readonly newId: () => string;
  /** SHA-256 of a text, as hexadecimal digits. */
  readonly digest: (text: string) => string;
  /** What the children of a message say, however servers have written it. */
  readonly payloadText: (children: string) => string;
  /** From 0 up to, but not including, 1: spreads retries. */
  readonly random: () => number;
  /** The workers that the pool's algorithm gives `message` to now; `attempted` says who failed it before. */
  readonly choose: (pool: Pool, message: MessageEnvelope, now: number, attempted: Attempted) => readonly Member[];
  /** Whether the pool's workers are being verified, and messages wait for it. */
  readonly holds: (pool: Pool, now: number) => boolean;
  /** Notes that the worker has a message of the sender: the licence to answer him. */
  readonly serve: (conversation: Conversation, worker: string, now: number) => void;
  /** Told of every member whose server says that it is gone. */
  readonly suspect: (pool: Pool, member: Member, condition: string, now: number) => void;
  /** Told of every member that misses its deadlines. */
  readonly late: (pool: Pool, member: Member, now: number) => void;
}

/** Which workers a delivery must stay away from. */
export type Attempted = Pick<Delivery, 'wasFailedBy' | 'history'> | undefined;
