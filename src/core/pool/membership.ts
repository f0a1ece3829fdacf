import type { StoredMember } from '../durable-state.ts';
import type { IqResponseEnvelope, PresenceEnvelope } from '../envelope.ts';
import { bareOf, domainOf, resourceOf } from '../jid.ts';
import type { Out, Sent } from '../ports.ts';
import type { Service } from '../service.ts';
import { Capabilities } from './capabilities.ts';
import { Departed } from './departed.ts';
import { isNear, Keepalive } from './keepalive.ts';
import { Member } from './member.ts';
import { meansUnreachable, Outages } from './outages.ts';
import type { Pool } from './pool.ts';
import { Talks } from './talks.ts';
import { type Finding, Verification } from './verification.ts';

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
  readonly verification: Verification;
  readonly #out: Out;
  #grace: number;
  readonly #changed: (pool: Pool, now: number) => void;
  readonly #watcher: MemberWatcher;
  readonly #talks: Talks;
  /** Members that may not work here any more, to be told so once there is a link. */
  readonly #dismissed: { readonly pool: Pool; readonly jid: string; readonly status: string }[] = [];
  readonly #outages: Outages;
  readonly #keepalive: Keepalive;
  readonly #capabilities: Capabilities;
  readonly #departed = new Departed();
  #attached = false;
  /** Members that did not answer, and until when they are kept; oldest first. */
  readonly #unverified = new Map<Member, { readonly pool: Pool; readonly until: number }>();

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
    this.#grace = service.settings.memberGrace;
    const pools = (): Iterable<Pool> => service.pools.values();
    this.#changed = changed;
    this.#watcher = watcher;
    this.verification = new Verification(out, newId, (pool, member, finding, now) => {
      this.#found(pool, member, finding, now);
    });
    const ask = (pool: Pool, member: Member, now: number): void => this.verification.askOne(pool, member, now);
    this.#capabilities = new Capabilities(out, newId, service.offered);
    this.#outages = new Outages(out, pools, ask);
    this.#keepalive = new Keepalive(service.domain, pools, ask);
  }

  /** What is held of members beside themselves: those that are noted as cut off, and questions about their clients. */
  get held(): { readonly outages: number; readonly questions: number } {
    return { outages: this.#outages.size, questions: this.#capabilities.size };
  }

  /**
   * Takes in the stored members that the configuration still allows; the others are forgotten.
   * @param admits Whether a worker joined in a way that the pool takes.
   */
  restore(pool: Pool, members: readonly StoredMember[], admits: (pool: Pool, jid: string) => boolean): void {
    for (const stored of [...members].sort((a, b) => a.sequence - b.sequence)) {
      if (!pool.workers.allows(stored.jid) || !admits(pool, stored.jid)) {
        this.#out.commit({ op: 'remove-member', pool: stored.pool, jid: stored.jid });
        this.#dismissed.push({ pool, jid: stored.jid, status: whyNot(pool) });
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
    if (member !== undefined) {
      this.#capabilities.hear(pool, member, presence.caps);
      this.#watcher.heard(pool, member, known === undefined, now);
    }
    this.#changed(pool, now);
  }

  /** Takes a member out: it said so, or it is not to be found any more. */
  leave(pool: Pool, member: Member, why: 'left' | 'lost' | 'dismissed'): void {
    this.#unverified.delete(member);
    this.#departed.note(member);
    pool.expel(member);
    const event = `member-${why}` as const;
    this.#out.event(event, pool.settings.name);
    this.#note(pool, member, event, `worker ${member.jid} ${why}`);
    this.#watcher.left(member);
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
      if (!pool.workers.allows(member.jid) || !admits(pool, member.jid)) this.#dismiss(pool, member, whyNot(pool));
      else if (this.#talks.isNews(pool, member)) this.tell(pool, member, undefined, now);
    }
  }

  /** Takes out all members of a pool that is no more. */
  dissolve(pool: Pool): void {
    for (const member of pool.roster) this.#dismiss(pool, member, 'This pool is closed.');
  }

  /** Sets how long a member that could not be verified is kept from now on, in milliseconds. */
  setGrace(grace: number): void {
    this.#grace = grace;
  }

  /** A member was heard: whatever we doubted, it lives. */
  alive(pool: Pool, member: Member, now: number): void {
    member.heardAt = now;
    if (member.state === 'verified') return;
    this.#unverified.delete(member);
    pool.setState(member, 'verified');
    this.#out.event('member-verified', pool.settings.name);
    this.#changed(pool, now);
  }

  /**
   * Somebody says that a member, or its whole server, is gone: it gets nothing more until it has
   * answered.
   * @param condition Of the error that says so.
   */
  suspect(pool: Pool, member: Member, condition: string, now: number): void {
    if (meansUnreachable(condition) && !isNear(member.jid, domainOf(pool.jid))) {
      this.#outages.begin(pool, member, now);
      return;
    }
    if (member.state !== 'verified') return;
    pool.setState(member, 'checking');
    this.verification.askOne(pool, member, now);
  }

  /** Asks all members whether they still live, and shows them that the pool is back. */
  linkUp(pools: Iterable<Pool>, now: number): void {
    this.#unverified.clear();
    this.#outages.clear();
    for (const { pool, jid, status } of this.#dismissed.splice(0)) this.#takeLeave(pool, jid, status);
    this.#attached = true;
    this.verification.askAll(pools, now, (pool, member) => this.tell(pool, member, undefined, now));
  }

  /** Takes in the answer to a request of ours to a member, or returns false. */
  answer(response: IqResponseEnvelope, now: number): boolean {
    return this.verification.answer(response, now) || this.#capabilities.answer(response);
  }

  linkDown(): void {
    this.verification.linkDown();
    this.#capabilities.linkDown();
    this.#attached = false;
  }

  tick(now: number): void {
    this.verification.tick(now);
    if (this.#attached) {
      this.#outages.tick(now);
      this.#keepalive.tick(now);
      this.#capabilities.tick(now);
    }
    for (const [member, { pool, until }] of this.#unverified) {
      if (until > now) break;
      // Of a member that is cut off nothing can be known, so it is not lost.
      if (member.state === 'cut-off') this.#unverified.delete(member);
      else this.leave(pool, member, 'lost');
    }
  }

  /** The pool's own presence to a member; the status says in words what the member should know. */
  tell(pool: Pool, member: Member, id: string | undefined, now: number): Sent {
    return this.#talks.tell(pool, member, id, now);
  }

  #dismiss(pool: Pool, member: Member, status: string): void {
    if (this.#takeLeave(pool, member.jid, status) !== 'sent') this.#dismissed.push({ pool, jid: member.jid, status });
    this.leave(pool, member, 'dismissed');
  }

  #takeLeave(pool: Pool, to: string, status: string): Sent {
    return this.#out.presence({ from: pool.jid, to, id: undefined, type: 'unavailable', status, error: undefined });
  }

  #join(pool: Pool, presence: PresenceEnvelope, now: number): void {
    const { wish } = presence;
    const label = pool.roster.freeLabel(wish?.label ?? resourceOf(presence.from) ?? '', bareOf(presence.from));
    const pings = this.#departed.take(pool.settings.name, presence.from);
    const member = new Member(
      {
        pool: pool.settings.name,
        jid: presence.from,
        label,
        sequence: pool.roster.takeSequence(),
        priority: presence.priority,
        show: presence.show,
        wishedWeight: wish?.weight,
        capacity: wish?.capacity,
        configuredWeight: pool.weightOf(presence.from),
        drain: wish?.drain ?? false,
        state: 'verified',
        pings,
        seen: now,
      },
      pool.ledger,
    );
    member.server = wish?.server;
    this.#talks.hear(member, wish);
    pool.admit(member);
    pool.store(member);
    this.#out.event('member-joined', pool.settings.name);
    this.#note(pool, member, 'member-joined', `worker ${member.jid} joined as ${label}`);
    this.tell(pool, member, presence.id, now);
    member.announced = true;
    member.heardAt = now;
    // Whether its client answers pings is asked once, however often it comes and goes.
    if (pings === undefined) this.verification.askOne(pool, member, now);
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
    this.alive(pool, member, now);
    member.announced = true;
    pool.candidates.refresh(member);
    pool.store(member);
    this.#talks.answer(pool, member, presence.id, now);
  }

  #found(pool: Pool, member: Member, finding: Finding, now: number): void {
    if (!pool.roster.holds(member)) return;
    switch (finding) {
      case 'reached':
        this.#outages.end(member, now);
        return;
      case 'verified':
        this.alive(pool, member, now);
        break;
      case 'gone':
        this.leave(pool, member, 'lost');
        break;
      case 'unreachable':
        if (isNear(member.jid, domainOf(pool.jid))) this.#doubt(pool, member, 'unverified', now);
        else this.#outages.begin(pool, member, now);
        break;
      default:
        this.#doubt(pool, member, finding, now);
    }
    this.#changed(pool, now);
  }

  /** A member that did not answer stays until the grace is over. */
  #doubt(pool: Pool, member: Member, state: 'unverified' | 'suspended', now: number): void {
    pool.setState(member, state);
    this.#unverified.delete(member);
    this.#unverified.set(member, { pool, until: now + this.#grace });
    this.#out.event(`member-${state}`, pool.settings.name);
  }

  #note(pool: Pool, member: Member, event: string, text: string): void {
    const detail = { worker: member.jid, label: member.label, members: pool.roster.size };
    this.#out.notice({ level: 'info', event, pool: pool.settings.name, text, detail });
  }
}
