import type { StoredMember } from '../../durable-state.ts';
import type { IqResponseEnvelope, PresenceEnvelope } from '../../envelope.ts';
import type { Out, Sent } from '../../ports.ts';
import type { Service } from '../../service.ts';
import { Member } from '../member.ts';
import type { Pool } from '../pool.ts';
import { Census } from '../watch/census.ts';
import { Watch } from '../watch/watch.ts';
import { Capabilities } from './capabilities.ts';
import { Departed } from './departed.ts';
import { Dismissals } from './dismissals.ts';
import { newcomer } from './newcomer.ts';
import { Talks } from './talks.ts';

/** What a member is told that may not work in a pool any more. */
function whyNot({ settings: { moved } }: Pool): string {
  return moved === undefined ? 'You may not work in this pool any more.' : `This pool has moved to ${moved.to}.`;
}

/** Who hears of what members do. */
interface MemberWatcher {
  /** A member joined, or said something new. */
  heard(pool: Pool, member: Member, joined: boolean, now: number): void;
  /** A member is in this pool no more. */
  left(member: Member): void;
}

/** Who works in which pool, live and across restarts. */
export class Membership {
  /** Finds out whether members live. */
  readonly watch: Watch;
  readonly #out: Out;
  readonly #changed: (pool: Pool, now: number) => void;
  readonly #watcher: MemberWatcher;
  readonly #talks: Talks;
  readonly #dismissals: Dismissals;
  readonly #capabilities: Capabilities;
  readonly #census: Census;
  readonly #departed = new Departed();
  #attached = false;

  /**
   * @param newId Makes ids for pings.
   * @param changed Told when a pool may have got a worker, or has nothing more to wait for.
   */
  constructor(
    service: Service,
    newId: () => string,
    watcher: MemberWatcher,
    changed: (pool: Pool, now: number) => void,
  ) {
    const { out } = service;
    this.#out = out;
    this.#talks = new Talks(out, service.capsVersion);
    this.#dismissals = new Dismissals(out);
    this.#changed = changed;
    this.#watcher = watcher;
    this.watch = new Watch(service, newId, {
      lost: (pool, member) => this.leave(pool, member, 'lost'),
      changed,
      released: (pool, member) => this.leave(pool, member, 'dismissed'),
      shown: (pool, member, caps) => this.#shown(pool, member, caps),
    });
    this.#capabilities = new Capabilities(out, newId, service.offered, (pool, member, now) => {
      if (pool.takers !== undefined) this.reconsider(pool, member, now);
    });
    const pools = (): Iterable<Pool> => service.pools.values();
    this.#census = new Census(pools, (pool, member, now) => this.#capabilities.askOne(pool, member, now));
  }

  /** What is held of members beside themselves: those that are noted as cut off, and questions about their clients. */
  get held(): { readonly outages: number; readonly questions: number } {
    return { outages: this.watch.outages, questions: this.#capabilities.size };
  }

  /**
   * Takes in the stored members that the configuration still allows; the others are forgotten.
   * @param admits Whether a worker joined in a way that the pool takes.
   */
  restore(pool: Pool, members: readonly StoredMember[], admits: (pool: Pool, jid: string) => boolean): void {
    for (const stored of [...members].sort((a, b) => a.sequence - b.sequence)) {
      if (!pool.workers.allows(stored.jid) || !admits(pool, stored.jid)) {
        this.#out.commit({ op: 'remove-member', pool: stored.pool, jid: stored.jid });
        this.#dismissals.tellLater(pool, stored.jid, whyNot(pool));
        continue;
      }
      const configuredWeight = pool.weightOf(stored.jid);
      const wishedWeight = stored.weight;
      pool.admit(new Member({ ...stored, wishedWeight, configuredWeight, state: 'checking' }, pool.ledger));
      this.#out.event('member-restored', pool.settings.name);
    }
  }

  /** An available presence of somebody who may work here: a join or an update. */
  hear(pool: Pool, presence: PresenceEnvelope, now: number): void {
    const known = pool.roster.get(presence.from);
    if (known === undefined) this.#join(pool, presence, now);
    else this.#update(pool, known, presence, now);
    const member = pool.roster.get(presence.from);
    if (member !== undefined) this.#watcher.heard(pool, member, known === undefined, now);
    this.#changed(pool, now);
  }

  /** Takes a member out: it said so, or it is not to be found any more. */
  leave(pool: Pool, member: Member, why: 'left' | 'lost' | 'dismissed'): void {
    this.watch.forget(pool, member);
    this.#departed.note(member);
    pool.expel(member);
    const event = `member-${why}` as const;
    this.#out.event(event, pool.settings.name);
    this.#note(pool, member, event, `worker ${member.jid} ${why}`);
    this.#watcher.left(member);
  }

  /** Takes a member out that may not work here any more, and tells it why. */
  dismiss(pool: Pool, member: Member, status: string): void {
    if (member.far !== undefined) {
      this.watch.far.release(pool, member);
      return;
    }
    this.#dismissals.tell(pool, member.jid, status);
    this.leave(pool, member, 'dismissed');
  }

  /** Has a member do from now on as the operators' order about it says, and tells it. */
  obey(pool: Pool, member: Member, now: number): void {
    const order = pool.orders.get(member.jid);
    member.order = order;
    pool.refresh(member);
    if (this.#talks.isNews(pool, member)) this.tell(pool, member, undefined, now);
    const weight = order?.weight === undefined ? '' : `, weight ${order.weight}`;
    this.#note(
      pool,
      member,
      'member-ordered',
      `worker ${member.jid}: ${order?.held ?? 'works'}${weight}, by an operator`,
    );
    this.#changed(pool, now);
  }

  /** Takes all resources of an account out. */
  leaveAccount(pool: Pool, account: string): void {
    for (const member of pool.roster.ofAccount(account)) this.leave(pool, member, 'left');
  }

  /**
   * After a reload: takes out the members that the configuration does not allow any more, and tells
   * the others what is new.
   * @param admits Whether a worker joined in a way that the pool takes.
   */
  review(pool: Pool, admits: (pool: Pool, jid: string) => boolean, now: number): void {
    for (const member of pool.roster) {
      if (member.far !== undefined) continue;
      if (!pool.workers.allows(member.jid) || !admits(pool, member.jid)) this.dismiss(pool, member, whyNot(pool));
      else if (this.#talks.isNews(pool, member)) this.tell(pool, member, undefined, now);
    }
  }

  /** Takes out all members of a pool that is no more. */
  dissolve(pool: Pool): void {
    for (const member of pool.roster) this.dismiss(pool, member, 'This pool is closed.');
  }

  /** Asks all members whether they still live, and shows them that the pool is back. */
  linkUp(pools: Iterable<Pool>, now: number): void {
    this.#dismissals.linkUp();
    this.#attached = true;
    this.#census.linkUp(now);
    this.watch.linkUp(pools, now, (pool, member) => this.tell(pool, member, undefined, now));
  }

  /** The subscription of an account has changed: its clients may send receipts now, or do no more. */
  reconsiderAccount(pool: Pool, account: string, now: number): void {
    if (pool.takers === undefined) return;
    for (const member of pool.roster.ofAccount(account)) this.reconsider(pool, member, now);
  }

  /** Something is new that decides whether a member can acknowledge: it is told if that has changed. */
  reconsider(pool: Pool, member: Member, now: number): void {
    pool.refresh(member);
    if (this.#talks.isNews(pool, member)) this.tell(pool, member, undefined, now);
    this.#changed(pool, now);
  }

  /** Takes in the answer to a request of ours to a member, or returns false. */
  answer(response: IqResponseEnvelope, now: number): boolean {
    return this.watch.verification.answer(response, now) || this.#capabilities.answer(response, now);
  }

  linkDown(): void {
    this.watch.linkDown();
    this.#capabilities.linkDown();
    this.#census.linkDown();
    this.#attached = false;
  }

  tick(now: number): void {
    this.watch.tick(now, this.#attached);
    if (!this.#attached) return;
    this.#capabilities.tick(now);
    this.#census.tick(now);
  }

  /** The pool's own presence to a member; the status says in words what the member should know. */
  tell(pool: Pool, member: Member, id: string | undefined, now: number): Sent {
    // A pool of another domain is told nothing: it is no worker.
    if (member.far !== undefined) return 'sent';
    return this.#talks.tell(pool, member, id, now);
  }

  /** A static member shows itself: what it can do is learnt, and decides whether it is trusted with durable messages. */
  #shown(pool: Pool, member: Member, caps: PresenceEnvelope['caps']): void {
    this.#capabilities.hear(pool, member, caps);
    pool.refresh(member);
  }

  #join(pool: Pool, presence: PresenceEnvelope, now: number): void {
    const pings = this.#departed.take(pool.settings.name, presence.from);
    const member = newcomer(pool, presence, pings, now);
    this.#talks.hear(member, presence.wish);
    pool.admit(member);
    this.#capabilities.hear(pool, member, presence.caps);
    pool.refresh(member);
    pool.store.put(member);
    this.#out.event('member-joined', pool.settings.name);
    this.#note(pool, member, 'member-joined', `worker ${member.jid} joined as ${member.label}`);
    this.tell(pool, member, presence.id, now);
    member.announced = true;
    member.heardAt = now;
    // Whether its client answers pings is asked once, however often it comes and goes.
    if (pings === undefined) this.watch.verification.askOne(pool, member, now);
  }

  #update(pool: Pool, member: Member, presence: PresenceEnvelope, now: number): void {
    const { wish } = presence;
    member.priority = presence.priority;
    member.show = presence.show;
    member.wishedWeight = wish?.weight;
    member.capacity = wish?.capacity;
    member.drain = wish?.drain ?? false;
    member.server = wish?.server ?? member.server;
    member.seen = now;
    const label = this.#talks.hear(member, wish);
    if (label !== undefined) pool.roster.relabel(member, label);
    this.watch.alive(pool, member, now);
    member.announced = true;
    this.#capabilities.hear(pool, member, presence.caps);
    pool.refresh(member);
    pool.store.put(member);
    this.#talks.answer(pool, member, presence.id, now);
  }

  #note(pool: Pool, member: Member, event: string, text: string): void {
    const detail = { worker: member.jid, label: member.label, members: pool.roster.size };
    this.#out.notice({ level: 'info', event, pool: pool.settings.name, text, detail });
  }
}
