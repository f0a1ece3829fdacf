import { domainOf } from '../../address/jid.ts';
import type { PresenceEnvelope } from '../../envelope.ts';
import { consumed, type Outcome } from '../../outcome/outcome.ts';
import type { Notice, Out } from '../../ports.ts';
import type { Service } from '../../service.ts';
import type { StaticMember } from '../../settings.ts';
import { Member } from '../member.ts';
import type { Pool } from '../pool.ts';
import { meansUnreachable } from '../watch/outages.ts';
import { type FarPool, type FarStanding, farObstacles } from './far-pool.ts';

/** How long a pool may take to show itself, in milliseconds. */
const patience = 10_000;
/** How often one is asked, at last, that is not known to be there, and one that is, or that said why not; in milliseconds. */
const askLost = 10_000;
const askKnown = 60_000;
/** The least time between two questions to one pool, in milliseconds. */
const askAgain = 1_000;
/** How often members are looked at, in milliseconds. */
const lookEvery = 1_000;

const lost: ReadonlySet<FarStanding> = new Set(['asked', 'silent', 'unreachable']);

/** Who hears of what static members do. */
interface FarWatcher {
  /** A pool has shown itself, with what it can do. */
  heard(pool: Pool, member: Member, caps: PresenceEnvelope['caps']): void;
  /** The pool may have got somebody who takes messages, or has nothing more to wait for. */
  changed(pool: Pool, now: number): void;
  /** A member is none any more. */
  left(pool: Pool, member: Member): void;
}

/**
 * Static members: pools of other domains that get messages as workers do. Which there are is the configuration's,
 * and nothing of them is stored. A pool shows to its subscribers whether it has workers (RFC 6121 section 3): each is
 * subscribed to, and asked again after every attach, when something it was given comes back, and when it is silent.
 */
export class FarPools {
  readonly #out: Out;
  readonly #newId: () => string;
  readonly #pools: () => Iterable<Pool>;
  readonly #watcher: FarWatcher;
  #attached = false;
  #lookedAt = 0;

  /** @param newId Makes ids for what is sent. */
  constructor(service: Service, newId: () => string, watcher: FarWatcher) {
    this.#out = service.out;
    this.#newId = newId;
    this.#pools = () => service.pools.values();
    this.#watcher = watcher;
  }

  /** Makes the static members of `pool` those of its settings: adds what is new, takes out what is gone. */
  place(pool: Pool, now: number): void {
    const wanted = new Map(pool.settings.members.map((member) => [member.jid, member]));
    for (const member of pool.roster.far) {
      const fixed = wanted.get(member.jid);
      if (fixed === undefined) this.release(pool, member);
      else this.#change(pool, member, fixed);
      wanted.delete(member.jid);
    }
    for (const fixed of wanted.values()) this.#add(pool, fixed, now);
  }

  /** Takes a static member out: the pool no longer wants to see it. */
  release(pool: Pool, member: Member): void {
    if (this.#attached) this.#send(pool, member, 'unsubscribe');
    this.#watcher.left(pool, member);
  }

  linkUp(now: number): void {
    this.#attached = true;
    for (const pool of this.#pools()) for (const member of pool.roster.far) this.#greet(pool, member, now);
  }

  linkDown(): void {
    this.#attached = false;
  }

  /** What `member` says of itself; `undefined` for what is said to this pool as to anybody. */
  hear(pool: Pool, member: Member, presence: PresenceEnvelope, now: number): Outcome | undefined {
    const { far } = member;
    if (far === undefined) return undefined;
    switch (presence.type) {
      case 'available':
        member.priority = presence.priority;
        member.show = presence.show;
        member.announced = true;
        this.#watcher.heard(pool, member, presence.caps);
        this.#stands(pool, member, far, 'available', now);
        break;
      case 'unavailable':
        this.#stands(pool, member, far, 'idle', now);
        break;
      case 'subscribed':
        break;
      case 'unsubscribed':
        // It may have forgotten that this pool sees it; to be asked anew tells that from a refusal.
        if (far.standing === 'available' || far.standing === 'idle') this.#ask(pool, member, far, 'subscribe', now);
        else this.#stands(pool, member, far, 'refused', now);
        break;
      case 'error':
        this.#stands(pool, member, far, standingAfter(presence.error?.condition ?? '') ?? 'unreachable', now);
        break;
      default:
        return undefined;
    }
    member.seen = now;
    member.heardAt = now;
    return consumed;
  }

  /** Something that `member` was given came back as from one that is gone: it gets nothing until it has shown itself. */
  doubt(pool: Pool, member: Member, condition: string, now: number): void {
    const { far } = member;
    if (far === undefined || !pool.roster.holds(member)) return;
    this.#stands(pool, member, far, standingAfter(condition) ?? 'asked', now);
    this.ask(pool, member, now);
  }

  /** Asks `member` to show itself. */
  ask(pool: Pool, member: Member, now: number): void {
    const { far } = member;
    if (far !== undefined && now - far.askedAt >= askAgain) this.#ask(pool, member, far, 'subscribe', now);
  }

  tick(now: number): void {
    if (!this.#attached || now - this.#lookedAt < lookEvery) return;
    this.#lookedAt = now;
    for (const pool of this.#pools()) for (const member of pool.roster.far) this.#look(pool, member, now);
  }

  #look(pool: Pool, member: Member, now: number): void {
    const { far } = member;
    if (far === undefined) return;
    if (far.waits && now - far.askedAt >= patience) {
      far.waits = false;
      if (far.standing !== 'unreachable' && far.standing !== 'moved') this.#stands(pool, member, far, 'silent', now);
    }
    const known = far.standing === 'available' || far.standing === 'idle';
    // Services that are started together find each other soon.
    const due = lost.has(far.standing) ? Math.min(askLost, askAgain * 2 ** Math.min(far.tries, 10)) : askKnown;
    if (now - Math.max(far.askedAt, known ? member.heardAt : 0) < due || far.waits) return;
    this.#ask(pool, member, far, known ? 'probe' : 'subscribe', now);
  }

  /** After an attach, or when it is new: whether it is there has to be seen. */
  #greet(pool: Pool, member: Member, now: number): void {
    const { far } = member;
    if (far === undefined) return;
    far.standing = 'asked';
    member.announced = false;
    pool.setState(member, 'checking');
    this.#ask(pool, member, far, 'subscribe', now);
  }

  #add(pool: Pool, fixed: StaticMember, now: number): void {
    const { jid, weight, capacity } = fixed;
    const far: FarPool = { standing: 'asked', askedAt: 0, waits: false, tries: 0 };
    const member = new Member(
      {
        pool: pool.settings.name,
        jid,
        label: pool.roster.freeLabel(labelOf(fixed), jid),
        sequence: pool.roster.takeSequence(),
        priority: 0,
        show: 'online',
        wishedWeight: undefined,
        capacity,
        configuredWeight: weight,
        drain: false,
        state: 'checking',
        pings: undefined,
        seen: now,
        far,
      },
      pool.ledger,
    );
    pool.admit(member);
    if (this.#attached) this.#greet(pool, member, now);
  }

  #change(pool: Pool, member: Member, fixed: StaticMember): void {
    member.configuredWeight = fixed.weight;
    member.capacity = fixed.capacity;
    if (fixed.label !== undefined && fixed.label !== member.label) pool.roster.relabel(member, fixed.label);
    pool.refresh(member);
  }

  #ask(pool: Pool, member: Member, far: FarPool, how: 'subscribe' | 'probe', now: number): void {
    if (!this.#attached) return;
    far.askedAt = now;
    far.waits = true;
    far.tries += 1;
    this.#send(pool, member, how);
  }

  #send(pool: Pool, member: Member, type: 'subscribe' | 'unsubscribe' | 'probe'): void {
    const id = this.#newId();
    this.#out.presence({ from: pool.jid, to: member.jid, id, type, status: undefined, error: undefined });
  }

  #stands(pool: Pool, member: Member, far: FarPool, standing: FarStanding, now: number): void {
    if (standing !== 'asked') far.waits = false;
    if (standing === 'available' || standing === 'idle') far.tries = 0;
    const before = far.standing;
    far.standing = standing;
    if (standing === 'available' && (before === 'unreachable' || before === 'silent')) member.duty?.startSlowly();
    pool.setState(member, standing === 'available' ? 'verified' : 'suspended');
    if (before !== standing) this.#tell(pool, member, standing);
    this.#watcher.changed(pool, now);
  }

  #tell(pool: Pool, member: Member, standing: FarStanding): void {
    if (standing === 'asked') return;
    const { jid, label } = member;
    const level: Notice['level'] = standing === 'available' || standing === 'idle' ? 'info' : 'warn';
    const words = standing === 'available' ? 'it has workers' : farObstacles[standing][0];
    const advice = standing === 'moved' ? '; write its new address into `members`' : '';
    const text = `static member ${jid}: ${words}${advice}`;
    const detail = { member: jid, label, standing };
    this.#out.notice({ level, event: 'static-member', pool: pool.settings.name, text, detail });
  }
}

/** What an error of a pool, or of its server, says of it for sure. */
function standingAfter(condition: string): FarStanding | undefined {
  if (meansUnreachable(condition)) return 'unreachable';
  return condition === 'gone' || condition === 'redirect' ? 'moved' : undefined;
}

/** What it is called, where the configuration does not say so: by the first part of its domain. */
function labelOf({ jid, label }: StaticMember): string {
  return label ?? domainOf(jid).split('.', 1)[0] ?? '';
}
