import { bareOf } from '../address/jid.ts';
import type { MessageEnvelope } from '../envelope.ts';
import { ownCopy } from '../memory/own-copy.ts';
import type { Member } from '../pool/member.ts';
import type { Timed, TimeSlot } from './deadlines.ts';
import type { Level } from './levels.ts';
import type { Holding } from './quota.ts';

/**
 * `accepting`: its first commit is under way. `ready`: waits for a worker. `leased`: workers have it,
 * or get it once the commit is reported. `returning`: it goes back to the queue by a commit that is
 * under way. `ending`: its last commit is under way. `over`: nothing of it is stored any more, or a
 * dead letter is; it is remembered while a worker still holds it.
 */
export type DeliveryState = 'accepting' | 'ready' | 'leased' | 'returning' | 'ending' | 'over';

/** That a worker has a delivery, or had it. */
export interface Hold {
  /** Full JID. */
  readonly worker: string;
  /** `undefined` when the worker was not there when this process took the delivery over. */
  readonly member: Member | undefined;
  readonly level: Level;
  /** `has`: nothing was heard of it. `acknowledged`, `failed`: by this worker. */
  state: 'has' | 'acknowledged' | 'failed';
  readonly delivery: Delivery;
  /** Where it stands among what its worker has; kept by `Held`. */
  place: number;
}

/** How an attempt ended without an acknowledgement. */
export type AttemptEnd = 'timeout' | 'gone' | 'error' | 'rejected' | 'unsent';

/** An earlier attempt: who had it, from when to when (epoch milliseconds), and how it ended. */
export interface Attempt {
  readonly worker: string;
  readonly began: number;
  readonly ended: number;
  readonly end: AttemptEnd;
  /** Condition of the error, if there was one. */
  readonly condition?: string | undefined;
  /** Its number, and the random part of its token: its acknowledgement stays valid. */
  readonly attempt: number;
  readonly nonce: string;
  /** How its worker was to acknowledge. */
  readonly level: Level;
}

/** What a delivery is from its acceptance on. */
export interface DeliveryStart {
  readonly id: number;
  /** Name of the pool. */
  readonly pool: string;
  /** The sender's exact JID. */
  readonly sender: string;
  /** What he wrote to: the pool, or a label of it. */
  readonly to: string;
  /** The sender's own id. */
  readonly name: string | undefined;
  readonly key: string | undefined;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly expires: number;
  /** What it counts for in the queue. */
  readonly bytes: number;
  /** The sender asked for a receipt. */
  readonly receipt: boolean;
  readonly message: MessageEnvelope;
  readonly notBefore?: number;
  readonly attempt?: number;
  readonly base?: number;
}

const nobody: readonly Hold[] = [];
const nothing: readonly Attempt[] = [];

/** A message that a durable pool has accepted, from then on to its one end. */
export class Delivery implements Timed<Delivery> {
  readonly id: number;
  readonly pool: string;
  sender: string;
  to: string;
  name: string | undefined;
  key: string | undefined;
  readonly since: number;
  readonly expires: number;
  readonly bytes: number;
  readonly receipt: boolean;
  state: DeliveryState = 'accepting';
  /** `undefined` once it was let go of: it is read again before the next attempt. */
  message: MessageEnvelope | undefined;
  /** Bytes that its text holds of the memory while workers have it. */
  textHeld = 0;
  /** Number of the present attempt; 0 before the first. */
  attempt: number;
  /** `attempt` when an operator redrove it last: failures count from there. */
  base: number;
  /** Random part of the present attempt's token. */
  nonce = '';
  /** Epoch milliseconds of the present attempt's begin and end. */
  leasedAt = 0;
  deadline = 0;
  /** Epoch milliseconds before which it is not tried again. */
  notBefore: number;
  /** It was put aside, because nothing stands for its sender before workers yet. */
  nameless = false;
  /** A worker has it, or gets it: nothing else of its ordering key may go. */
  out = false;
  /** The message of the present attempt was written, by this process or one before it. */
  sent = false;
  /** The id that it goes out with. */
  wire = '';
  /** The hash of that; kept by `WireNames`. */
  wireHash = 0;
  /** A worker has acknowledged it: its row is being removed. */
  done = false;
  /** It was acknowledged by a pool of another domain, which has it on its own disk: its end is told from there. */
  passedOn = false;
  /** Where it counts in the quota; `undefined` of one that was read from the store. */
  counted: Holding | undefined = undefined;
  /** Who has it now. */
  holds: readonly Hold[] = nobody;
  /** Where the end of its lease stands. */
  slot: TimeSlot<Delivery> | undefined = undefined;
  slotIndex = 0;
  /** Attempts that failed. */
  history: readonly Attempt[] = nothing;

  constructor(start: DeliveryStart) {
    this.id = start.id;
    this.pool = start.pool;
    this.sender = start.sender;
    this.to = start.to;
    this.name = start.name;
    this.key = start.key;
    this.since = start.since;
    this.expires = start.expires;
    this.bytes = start.bytes;
    this.receipt = start.receipt;
    this.message = start.message;
    this.notBefore = start.notBefore ?? 0;
    this.attempt = start.attempt ?? 0;
    this.base = start.base ?? 0;
  }

  /** Full JIDs of those who have it now, one a line. */
  get workers(): string {
    const [only] = this.holds;
    return this.holds.length === 1 && only !== undefined
      ? only.worker
      : this.holds.map(({ worker }) => worker).join('\n');
  }

  /** The hold of the worker with this full JID. */
  holdOf(worker: string): Hold | undefined {
    for (const hold of this.holds) if (hold.worker === worker) return hold;
    return undefined;
  }

  /** Lets go of its text, and of all that would keep that in memory. */
  letGo(): void {
    this.message = undefined;
    this.sender = ownCopy(this.sender);
    this.to = ownCopy(this.to);
    this.wire = ownCopy(this.wire);
    if (this.name !== undefined) this.name = ownCopy(this.name);
    if (this.key !== undefined) this.key = ownCopy(this.key);
  }

  /** Attempts that failed since it was put in line last, those that were never sent not counted. */
  get failures(): number {
    let count = 0;
    for (const { attempt, end } of this.history) if (attempt > this.base && end !== 'unsent') count += 1;
    return count;
  }

  /** Whether the worker with this full JID has failed it since it was put in line last. */
  wasFailedBy(jid: string): boolean {
    return this.history.some(({ worker, attempt, end }) => worker === jid && attempt > this.base && end !== 'unsent');
  }

  /**
   * Whether any resource of the account `bare` has it or had it.
   * @param level Only where it was to acknowledge so.
   */
  wasWith(bare: string, level?: Level): boolean {
    const fits = (one: { worker: string; level: Level }): boolean =>
      (level === undefined || one.level === level) && bareOf(one.worker) === bare;
    return this.holds.some(fits) || this.history.some((attempt) => attempt.end !== 'unsent' && fits(attempt));
  }

  /** The random part of the token of attempt `number`. */
  nonceOf(number: number): string | undefined {
    return number === this.attempt ? this.nonce : this.history.find(({ attempt }) => attempt === number)?.nonce;
  }
}
