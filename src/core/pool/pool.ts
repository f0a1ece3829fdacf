import { bareOf } from '../address/jid.ts';
import { Ring } from '../delivery/ring.ts';
import type { Rings } from '../delivery/rings.ts';
import { Duty } from '../durable/duty.ts';
import type { MemoryBudget } from '../memory/memory.ts';
import type { Out } from '../ports.ts';
import type { NodeSubscription } from '../pubsub/node-subscription.ts';
import type { RequestTerms } from '../requests/terms.ts';
import type { AlgorithmName, PoolSettings } from '../settings.ts';
import { PoolCounts } from './counts.ts';
import { Candidates, forDurable } from './dispatch/candidates.ts';
import { Holders } from './holders.ts';
import { Ledger } from './ledger.ts';
import type { Member } from './member.ts';
import { BoundLabels } from './membership/bound-labels.ts';
import { MemberStore } from './membership/member-store.ts';
import { Roster } from './membership/roster.ts';
import { Orders } from './orders.ts';
import type { AccessList } from './rules/access.ts';
import { Rates } from './rules/rates.ts';
import { Rules } from './rules/rules.ts';
import type { SubscriptionBook } from './subscription/subscription-book.ts';
import { WaitingRoom } from './waiting.ts';

/** Accounts remembered after their last resource has left. */
const holdersBound = 10_000;
/** What a member costs beside its name, in bytes: its record, its places in tables and selectors. */
const memberOverhead = 1_150;

/** What one pool may hold of its own. */
export interface PoolShare {
  /** For members; shared with other pools. */
  readonly members: MemoryBudget;
  /** Most keys whose worker the algorithm `sticky` remembers. */
  readonly keysRemembered: number;
  /** Bytes for the rates of senders, domains and workers. */
  readonly rateBytes: number;
  /** Addresses of which each access list remembers what it said. */
  readonly verdicts: number;
  /** Who subscribes to which pool; shared with other pools. */
  readonly subscriptions: SubscriptionBook;
}

/** The aggregate: one address, its members, who may use it, and its current algorithm. */
export class Pool {
  /** The pool's bare JID. */
  readonly jid: string;
  /** Labels of workers that have left. */
  readonly boundLabels: BoundLabels;
  readonly roster: Roster;
  /** Times and counts of the members. */
  readonly ledger: Ledger;
  readonly store: MemberStore;
  /** Who can get plain messages and requests. */
  readonly candidates: Candidates;
  /** Who can get messages that have to be acknowledged; `undefined` in a pool that never took any. */
  takers: Candidates | undefined;
  readonly holders: Holders;
  readonly waiting: WaitingRoom;
  /** What operators have decided about workers. */
  readonly orders: Orders;
  /** What was forwarded of late. */
  readonly ring: Ring;
  readonly counts = new PoolCounts();
  /** What the pool runs now; `Preferences` changes it. */
  algorithm: AlgorithmName;
  /** When it was last seen to have members, in epoch milliseconds; `undefined` when never. */
  occupiedAt: number | undefined;
  /** When it was last seen to have an eligible member, in epoch milliseconds; `undefined` when never. */
  availableAt: number | undefined;
  /** Requests that were given to workers and are not answered yet. */
  openRequests = 0;
  /** Its subscriptions to PubSub nodes, in the order of the configuration; `PubSub` changes them. */
  nodes: readonly NodeSubscription[] = [];
  #rules: Rules;
  #rates: Rates;
  readonly #rateBytes: number;
  readonly #verdicts: number;
  readonly #keysRemembered: number;
  readonly #memberMemory: MemoryBudget;
  readonly #isSubscribed: (account: string) => boolean;

  /**
   * @param memory For messages that wait; shared with other pools.
   * @param rings For those that were forwarded; shared as well.
   * @param share This pool's part of what is divided beforehand.
   */
  constructor(settings: PoolSettings, domain: string, memory: MemoryBudget, rings: Rings, out: Out, share: PoolShare) {
    this.#verdicts = share.verdicts;
    this.#rules = new Rules(settings, share.verdicts);
    this.jid = `${settings.name}@${domain}`;
    this.boundLabels = new BoundLabels(settings.name, memory, out);
    this.roster = new Roster(this.boundLabels);
    this.store = new MemberStore(settings.name, this.roster, out);
    this.ledger = new Ledger(settings.workWindow);
    this.algorithm = settings.algorithm;
    this.candidates = new Candidates(share.keysRemembered);
    this.#keysRemembered = share.keysRemembered;
    this.#isSubscribed = (account) => share.subscriptions.isAcquainted(settings.name, account);
    this.holders = new Holders(holdersBound, share.members);
    this.#memberMemory = share.members;
    this.#rateBytes = share.rateBytes;
    this.#rates = new Rates(settings.rate, share.rateBytes);
    this.orders = new Orders(settings.name, out);
    this.waiting = new WaitingRoom(memory);
    this.ring = new Ring(settings.name, rings);
    this.#prepareTakers();
  }

  get settings(): PoolSettings {
    return this.#rules.settings;
  }

  /** Whether a sender's JID may appear nowhere in what workers get. */
  get hidesSenders(): boolean {
    return this.#rules.settings.identity === 'alias';
  }

  get rates(): Rates {
    return this.#rates;
  }

  get workers(): AccessList {
    return this.#rules.workers;
  }

  get senders(): AccessList {
    return this.#rules.senders;
  }

  get owners(): AccessList {
    return this.#rules.owners;
  }

  /** What becomes of requests that the pool does not answer itself. */
  get requests(): RequestTerms {
    return this.#rules.requests;
  }

  /** Takes other settings of the same name. Members keep their places, and what waits goes on waiting. */
  reconfigure(settings: PoolSettings, now: number): void {
    const before = this.#rules;
    this.#rules = new Rules(settings, this.#verdicts);
    if (!this.#rules.hasRatesOf(before)) this.#rates = new Rates(settings.rate, this.#rateBytes);
    const recounts = settings.workWindow !== before.settings.workWindow;
    if (recounts) this.ledger.work.setLength(settings.workWindow, now);
    for (const member of this.roster) {
      member.configuredWeight = this.weightOf(member.jid);
      if (recounts) member.workChanged(now);
    }
    this.#prepareTakers();
    for (const member of this.roster) this.refresh(member);
  }

  /** Whether it takes messages that have to be acknowledged, by its guarantee or at a sender's wish. */
  get mayBeDurable(): boolean {
    const { guarantee, hints } = this.settings.delivery;
    return guarantee === 'at-least-once' || hints.includes('at-least-once');
  }

  /** Members that the pool's messages go to, by its guarantee; also those that have as many as they may hold. */
  get eligible(): number {
    return this.#choice.size;
  }

  /** Whether messages could go to anybody but `member`. */
  hasEligibleBeside(member: Member): boolean {
    return this.#choice.some((other) => other !== member);
  }

  get #choice(): Candidates {
    const { guarantee } = this.settings.delivery;
    return guarantee === 'at-least-once' ? (this.takers ?? this.candidates) : this.candidates;
  }

  /** The weight that the configuration gives to `jid`, if any. */
  weightOf(jid: string): number | undefined {
    return this.#rules.weights.get(jid);
  }

  /** Whether `jid` is a PubSub service that the pool subscribes to: it is never sent an error. */
  hearsFrom(jid: string): boolean {
    return this.nodes.some(({ service }) => service === jid);
  }

  /** Whether the pool exists for `jid`: to anybody else it is as if it did not. */
  visibleTo(jid: string): boolean {
    return this.#rules.showTo(jid);
  }

  /** Whether `jid` may answer the senders of this pool (design.md, "Relay to a proxy"). */
  mayAnswer(jid: string, now: number): boolean {
    // Nearly always a member itself: found without a text made of its name.
    if (this.roster.get(jid) !== undefined) return true;
    const bare = bareOf(jid);
    if (this.roster.hasAccount(bare)) return true;
    const served = this.holders.lastServed(bare);
    return served !== undefined && now - served <= this.settings.replyWindow;
  }

  /** Whether there is memory for one more member of the name `jid`. */
  hasRoomFor(jid: string): boolean {
    if (!this.#memberMemory.take(memberCost(jid))) return false;
    this.#memberMemory.give(memberCost(jid));
    return true;
  }

  /** Takes in a new member, live or restored. `hasRoomFor` was asked for one that is new. */
  admit(member: Member): void {
    this.#memberMemory.hold(memberCost(member.jid));
    this.roster.add(member);
    member.order = this.orders.get(member.jid);
    this.refresh(member);
  }

  /** To be called after every change of a member that may decide what it gets. */
  refresh(member: Member): void {
    // What one that has left still acknowledges does not bring it back.
    if (!this.roster.holds(member)) return;
    this.candidates.refresh(member);
    if (this.takers === undefined) return;
    const capacity = member.capacity ?? this.settings.delivery.capacity;
    member.duty ??= new Duty(member, capacity, this.#isSubscribed);
    if (member.duty.capacity !== capacity) member.duty.resize(capacity);
    this.takers.refresh(member);
  }

  /** To be called after every change of what a member holds: `member.duty`. */
  dutyChanged(member: Member, now: number): void {
    const leasedAt = member.duty?.leasedAt ?? 0;
    if (leasedAt > member.servedAt) member.servedAt = leasedAt;
    this.takers?.reviewRest(member);
    member.workChanged(now);
  }

  /** Takes a member out of every choice, and out of the store. */
  expel(member: Member): void {
    this.candidates.drop(member);
    this.takers?.drop(member);
    // The pool was last seen with members at the tick before this.
    this.roster.remove(member, Math.max(this.occupiedAt ?? 0, member.heardAt, member.seen));
    this.#memberMemory.give(memberCost(member.jid));
    if (member.servedAt > 0) this.holders.note(member.bare, member.servedAt);
    member.depart();
    if (member.far === undefined) this.store.remove(member.jid);
  }

  /** Takes a member out of the choice for the time of a connection transfer, or puts it back. */
  setTransfer(member: Member, transfer: Member['transfer']): void {
    member.transfer = transfer;
    this.refresh(member);
  }

  setState(member: Member, state: Member['state']): void {
    // A pool of another domain may only have had no worker.
    const failed = member.far === undefined && member.state === 'suspended' && state !== 'suspended';
    if (failed) member.duty?.startSlowly();
    this.roster.setState(member, state);
    this.refresh(member);
  }

  /** Remembers whether a member's client answers pings. */
  learnPings(member: Member, pings: boolean): void {
    if (member.pings === pings || !this.roster.holds(member)) return;
    member.pings = pings;
    if (member.far === undefined) this.store.put(member);
  }

  /** A pool that once took messages to be acknowledged may still hold some. */
  #prepareTakers(): void {
    if (!this.mayBeDurable) return;
    this.takers ??= new Candidates(
      this.#keysRemembered,
      forDurable(
        () => this.settings.delivery.ack,
        () => this.settings.stickyBound,
      ),
    );
  }
}

function memberCost(jid: string): number {
  return memberOverhead + 2 * jid.length;
}
