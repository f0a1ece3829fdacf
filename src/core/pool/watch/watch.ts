import { domainOf } from '../../address/jid.ts';
import { Suspicion } from '../../durable/suspicion.ts';
import type { PresenceEnvelope } from '../../envelope.ts';
import type { Out } from '../../ports.ts';
import type { Service } from '../../service.ts';
import { FarPools } from '../far/far-pools.ts';
import type { Member } from '../member.ts';
import type { Pool } from '../pool.ts';
import { Doubts } from './doubts.ts';
import { isNear, Keepalive } from './keepalive.ts';
import { meansUnreachable, Outages } from './outages.ts';
import { type Finding, Verification } from './verification.ts';

/** What becomes of what a watch finds out. */
export interface WatchEvents {
  /** The member is gone. */
  lost(pool: Pool, member: Member): void;
  /** The pool may have got a worker, or has nothing more to wait for. */
  changed(pool: Pool, now: number): void;
  /** The configuration has the static member no more. */
  released(pool: Pool, member: Member): void;
  /** A pool that is a static member has shown itself, with what it can do. */
  shown(pool: Pool, member: Member, caps: PresenceEnvelope['caps']): void;
}

/** Whether members live: what says so, what makes it doubtful, and what is done to find out (design.md, Membership). */
export class Watch {
  readonly verification: Verification;
  /** Finds it out of static members, which are asked in another way. */
  readonly far: FarPools;
  readonly #out: Out;
  readonly #events: WatchEvents;
  readonly #doubts: Doubts;
  readonly #suspicion = new Suspicion();
  readonly #outages: Outages;
  readonly #keepalive: Keepalive;

  /** @param newId Makes ids for pings. */
  constructor(service: Service, newId: () => string, events: WatchEvents) {
    const { out, settings, domain } = service;
    this.#out = out;
    this.#events = events;
    this.#doubts = new Doubts(settings.memberGrace, (pool, member) => events.lost(pool, member));
    this.verification = new Verification(out, newId, (pool, member, finding, now) => {
      this.#found(pool, member, finding, now);
    });
    const pools = (): Iterable<Pool> => service.pools.values();
    this.far = new FarPools(service, newId, {
      heard: (pool, member, caps) => events.shown(pool, member, caps),
      changed: (pool, now) => events.changed(pool, now),
      left: (pool, member) => events.released(pool, member),
    });
    const ask = (pool: Pool, member: Member, now: number): void => this.ask(pool, member, now);
    this.#outages = new Outages(out, pools, ask);
    this.#keepalive = new Keepalive(domain, pools, ask);
  }

  /** Members that are noted as cut off. */
  get outages(): number {
    return this.#outages.size;
  }

  /** Sets how long a member that could not be verified is kept from now on, in milliseconds. */
  setGrace(grace: number): void {
    this.#doubts.setGrace(grace);
  }

  /** A member was heard: whatever we doubted, it lives. */
  alive(pool: Pool, member: Member, now: number): void {
    member.heardAt = now;
    // Whether a pool of another domain has workers, it alone can say.
    if (member.state === 'verified' || member.far !== undefined) return;
    this.#doubts.end(member);
    this.#suspicion.end(pool, member);
    pool.setState(member, 'verified');
    this.#out.event('member-verified', pool.settings.name);
    this.#events.changed(pool, now);
  }

  /**
   * Somebody says that a member, or its whole server, is gone: it gets nothing more until it has
   * answered.
   * @param condition Of the error that says so.
   */
  suspect(pool: Pool, member: Member, condition: string, now: number): void {
    // Who has left gets nothing anyway, and must not come back by what an error says of it.
    if (!pool.roster.holds(member)) return;
    if (member.far !== undefined) {
      this.far.doubt(pool, member, condition, now);
      return;
    }
    if (meansUnreachable(condition) && !isNear(member.jid, domainOf(pool.jid))) {
      // A worker may say so to stop the others of its server: one of them is asked without delay.
      this.#outages.begin(pool, member, now, now);
      return;
    }
    if (member.state !== 'verified') return;
    pool.setState(member, 'checking');
    this.verification.askOne(pool, member, now);
  }

  /**
   * A member has missed the deadlines of several deliveries: it starts again slowly, and is asked whether it lives.
   * One that used to answer pings and does not is suspended; not so while half of the pool is late.
   */
  late(pool: Pool, member: Member, now: number): void {
    if (!pool.roster.holds(member) || member.state !== 'verified') return;
    member.duty?.startSlowly();
    pool.dutyChanged(member, now);
    // All that it holds may be late at once.
    if (this.#suspicion.isAsked(pool, member, now)) return;
    const { name } = pool.settings;
    if (this.#suspicion.begin(pool, member, now)) {
      this.#out.event('member-late', name);
      this.ask(pool, member, now);
      return;
    }
    this.#out.event('members-late', name);
    const text =
      'so many workers miss their deadlines that none more is suspended for it: look for an outage, a message that nobody can do, or an ackTimeout that is too short';
    const detail = { worker: member.jid, late: this.#suspicion.countOf(pool), members: pool.roster.size };
    this.#out.notice({ level: 'warn', event: 'members-late', pool: name, text, detail });
  }

  /** Asks a member whether it lives. */
  ask(pool: Pool, member: Member, now: number): void {
    if (member.far === undefined) this.verification.askOne(pool, member, now);
    else this.far.ask(pool, member, now);
  }

  /** A member has left. */
  forget(pool: Pool, member: Member): void {
    this.#doubts.end(member);
    this.#suspicion.end(pool, member);
  }

  /**
   * Asks all members whether they still live.
   * @param greet Called for each member just before it is asked.
   */
  linkUp(pools: Iterable<Pool>, now: number, greet: (pool: Pool, member: Member) => void): void {
    this.#doubts.clear();
    this.#suspicion.clear();
    this.#outages.clear();
    this.verification.askAll(pools, now, greet);
    this.far.linkUp(now);
  }

  /** Stanzas went astray for a while, and do so no more: whoever did not answer meanwhile is asked again. */
  linkTrusted(pools: Iterable<Pool>, now: number): void {
    for (const pool of pools) {
      for (const member of pool.roster) {
        const { state, far } = member;
        if (far === undefined && (state === 'suspended' || state === 'unverified')) this.ask(pool, member, now);
      }
    }
  }

  linkDown(): void {
    this.verification.linkDown();
    this.far.linkDown();
  }

  /** @param attached Whether there is a link to ask over. */
  tick(now: number, attached: boolean): void {
    this.verification.tick(now);
    if (attached) {
      this.#outages.tick(now);
      this.#keepalive.tick(now);
    }
    this.far.tick(now);
    this.#doubts.tick(now);
  }

  #found(pool: Pool, member: Member, finding: Finding, now: number): void {
    if (!pool.roster.holds(member)) return;
    switch (finding) {
      case 'reached':
        this.#outages.end(member, now);
        return;
      case 'verified':
        this.#suspicion.end(pool, member);
        this.alive(pool, member, now);
        break;
      case 'gone':
        this.#events.lost(pool, member);
        break;
      case 'unreachable':
        if (isNear(member.jid, domainOf(pool.jid))) this.#doubt(pool, member, 'unverified', now);
        else this.#outages.begin(pool, member, now);
        break;
      default:
        this.#doubt(pool, member, finding, now);
    }
    this.#events.changed(pool, now);
  }

  /** A member that did not answer stays until the grace is over. */
  #doubt(pool: Pool, member: Member, state: 'unverified' | 'suspended', now: number): void {
    pool.setState(member, state);
    this.#doubts.begin(pool, member, now);
    this.#out.event(`member-${state}`, pool.settings.name);
  }
}
