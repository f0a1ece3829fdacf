import { bareOf } from '../address/jid.ts';
import type { Duty } from '../durable/duty.ts';
import type { Show } from '../envelope.ts';
import type { Destination } from '../transfer/destination.ts';
import type { Conversation } from './conversation/conversations.ts';
import type { FarPool } from './far/far-pool.ts';
import type { Ledger } from './ledger.ts';
import type { ClientFeatures } from './membership/client-features.ts';
import type { Told, Wished } from './membership/told.ts';
import type { Order } from './orders.ts';

/**
 * `verified`: its presence or its answer to a ping says that it is there. `checking`: restored,
 * its ping is under way. `unverified`: restored, it did not answer; used only as a last resort.
 * `suspended`: it used to answer pings, and stopped; it gets nothing. `cut-off`: its server cannot
 * be reached; it gets nothing.
 */
export type MemberState = 'verified' | 'unverified' | 'checking' | 'suspended' | 'cut-off';

/** What is known of a worker when it becomes a member. */
export interface MemberStart {
  readonly pool: string;
  /** Full JID; of a static member the bare one. */
  readonly jid: string;
  readonly label: string;
  /** Position in join order; unique in its pool, grows. */
  readonly sequence: number;
  readonly priority: number;
  readonly show: Show;
  /** Weight that the join presence asks for. */
  readonly wishedWeight: number | undefined;
  /** How many messages it would hold at a time, as its presence says. */
  readonly capacity: number | undefined;
  /** Weight that the pool's `weights` give to its JID. */
  readonly configuredWeight: number | undefined;
  readonly drain: boolean;
  readonly state: MemberState;
  /** Whether its client answers XEP-0199 pings; `undefined` while unknown. */
  readonly pings: boolean | undefined;
  /** Epoch milliseconds of the last presence. */
  readonly seen: number;
  /** Set for a static member: a pool of another domain. */
  readonly far?: FarPool;
}

/** Follows what members have in flight. */
export interface WorkObserver {
  /** What `member` has in flight has changed, by more than its decay with time. */
  workChanged(member: Member, now: number): void;
}

const nothing: readonly Conversation[] = [];

/** A worker in a pool, until it departs. Its fields change with its presence; `Candidates.refresh` follows each change. */
export class Member {
  readonly pool: string;
  readonly jid: string;
  readonly bare: string;
  readonly sequence: number;
  /** What is known of the pool that a static member is; `undefined` for a worker. */
  readonly far: FarPool | undefined;
  label: string;
  priority: number;
  show: Show;
  wishedWeight: number | undefined;
  /** Matters where messages are acknowledged: plain delivery waits for nothing that could free a place. */
  capacity: number | undefined;
  configuredWeight: number | undefined;
  drain: boolean;
  state: MemberState;
  pings: boolean | undefined;
  /** What its presence says of its client, by reference (XEP-0115). */
  capsVersion: string | undefined;
  /** What its client can do, once that is known. */
  features: ClientFeatures | undefined;
  /** The server that it says it is connected to. */
  server: Destination | undefined;
  /** The server that a connection transfer brought it to. */
  movedTo: Destination | undefined;
  /**
   * A connection transfer is under way. `draining`: it gets nothing new. `told`: it gets nothing at
   * all, as it may be gone at any moment.
   */
  transfer: 'draining' | 'told' | undefined;
  /** What an operator has decided about it; `Orders` of the pool hold it. */
  order: Order | undefined;
  /** Whether its presence was heard since the link stands. */
  announced = false;
  /** What its pool told it last; `undefined` when that no longer holds, or was nothing. */
  told: Told | undefined;
  /** What its presence asks for beyond its place. */
  wished: Wished | undefined;
  /** Told of every change to what it has in flight, except of its decay with time; set by `Candidates`. */
  observer: WorkObserver | undefined;
  /** The same for the choice of who takes durable deliveries. */
  taker: WorkObserver | undefined;
  /** What it holds, and may hold, where messages are acknowledged; `undefined` elsewhere. */
  duty: Duty | undefined;
  /** Conversations that it answered in, the last one last; kept by `noteAnswered`. */
  repliedIn: readonly Conversation[] = nothing;
  /** Messages that it was given since it joined, each attempt at a delivery. */
  delivered = 0;
  /** Its row in the ledger. */
  row = -1;
  readonly #ledger: Ledger;

  /** @param ledger Of its pool: its times and what it has in flight stand there. */
  constructor(start: MemberStart, ledger: Ledger) {
    this.pool = start.pool;
    this.jid = start.jid;
    this.bare = bareOf(start.jid);
    this.sequence = start.sequence;
    this.far = start.far;
    this.label = start.label;
    this.priority = start.priority;
    this.show = start.show;
    this.wishedWeight = start.wishedWeight;
    this.capacity = start.capacity;
    this.configuredWeight = start.configuredWeight;
    this.drain = start.drain;
    this.state = start.state;
    this.pings = start.pings;
    this.#ledger = ledger;
    ledger.enter(this);
    this.seen = start.seen;
  }

  /** Gives its row back; after that it was never heard, and has nothing in flight. */
  depart(): void {
    this.#ledger.leave(this);
  }

  /** Epoch milliseconds of the last presence. */
  get seen(): number {
    return this.#ledger.time(this.row, 'seen');
  }

  set seen(at: number) {
    this.#ledger.setTime(this.row, 'seen', at);
  }

  /** Epoch milliseconds of the last forward; 0 when there was none. */
  get servedAt(): number {
    return this.#ledger.time(this.row, 'served');
  }

  set servedAt(at: number) {
    this.#ledger.setTime(this.row, 'served', at);
  }

  /** Epoch milliseconds of the last sign of life; 0 when there was none. */
  get heardAt(): number {
    return this.#ledger.time(this.row, 'heard');
  }

  set heardAt(at: number) {
    this.#ledger.setTime(this.row, 'heard', at);
  }

  /** Epoch milliseconds of our last ping to it; 0 when there was none. */
  get pingedAt(): number {
    return this.#ledger.time(this.row, 'pinged');
  }

  set pingedAt(at: number) {
    this.#ledger.setTime(this.row, 'pinged', at);
  }

  /** Epoch milliseconds of when its pool told it something last; 0 when it did not. */
  get toldAt(): number {
    return this.#ledger.time(this.row, 'told');
  }

  set toldAt(at: number) {
    this.#ledger.setTime(this.row, 'told', at);
  }

  /** Notes that a message was forwarded to this worker. */
  served(now: number): void {
    this.#ledger.setTime(this.row, 'served', now);
    this.#ledger.work.add(this.row, now);
    this.workChanged(now);
  }

  /** Notes that a receipt, a reply or an error answered the message that was forwarded at `at`. */
  answered(at: number, now: number): void {
    this.#ledger.work.takeAt(this.row, at, now);
    this.workChanged(now);
  }

  /** Notes that one message was answered, nobody knows which; the oldest counts as the one. */
  answeredOne(now: number): void {
    this.#ledger.work.takeOne(this.row, now);
    this.workChanged(now);
  }

  /** Messages forwarded within the work window and not yet answered, and those that it has to acknowledge. */
  inFlight(now: number): number {
    const plain = this.#ledger.work.count(this.row, now);
    return this.duty === undefined ? plain : plain + this.duty.held;
  }

  /** When `inFlight` falls next if nothing happens, or `Infinity`. */
  inFlightFallsAt(now: number): number {
    return this.#ledger.work.fallsAt(this.row, now);
  }

  /** Tells its observers that what it has in flight has changed, or is counted anew. */
  workChanged(now: number): void {
    this.observer?.workChanged(this, now);
    this.taker?.workChanged(this, now);
  }
}

/** Whether a member may get new work: not negative, not `dnd`, not draining, not being transferred, not suspended. */
export function eligible(member: Member): boolean {
  const willing = member.priority >= 0 && member.show !== 'dnd' && !member.drain;
  return willing && member.order?.held === undefined && member.transfer === undefined && reachable(member);
}

/**
 * A member's weight: what an operator gave it, else what it asked for, else what the configuration
 * says, else its priority; 0 counts as 1.
 */
export function weightOf(member: Member): number {
  return Math.max(1, member.order?.weight ?? member.wishedWeight ?? member.configuredWeight ?? member.priority);
}

/** Whether something may be sent to a member: nothing says that it would not arrive, or should not. */
export function reachable(member: Member): boolean {
  if (member.order?.held === 'suspended') return false;
  return member.state !== 'suspended' && member.state !== 'cut-off' && member.transfer !== 'told';
}
