import type { OwnAddress } from '../address/address.ts';
import { bareOf, isPlausibleJid, localOf, resourceOf } from '../address/jid.ts';
import type { PresenceEnvelope } from '../envelope.ts';
import { type ErrorCode, errors } from '../errors/errors.ts';
import type { Instances } from '../instances/instances.ts';
import { bounced, consumed, dropped, type Outcome } from '../outcome/outcome.ts';
import { reachable } from '../pool/member.ts';
import type { Membership } from '../pool/membership/membership.ts';
import type { Pool } from '../pool/pool.ts';
import type { Subscribing } from '../pool/subscription/subscribing.ts';
import { refuseMoved } from '../requests/moved.ts';
import type { Service } from '../service.ts';
import type { MovedTo } from '../settings.ts';

/** Decides what a presence means: a join, an update, a leave, a word about a subscription, or nothing. */
export class Presences {
  readonly #service: Service;
  readonly #membership: Membership;
  readonly #subscribing: Subscribing;
  readonly #instances: Instances;

  constructor(service: Service, membership: Membership, subscribing: Subscribing, instances: Instances) {
    this.#service = service;
    this.#membership = membership;
    this.#subscribing = subscribing;
    this.#instances = instances;
  }

  on(presence: PresenceEnvelope, address: OwnAddress, now: number): Outcome {
    if (address.kind === 'service' || address.kind === 'service-resource') {
      return presence.type === 'subscribe' ? this.#hasNone(presence) : dropped('presence-ignored');
    }
    const pool = this.#service.pools.get(address.pool);
    if (pool !== undefined && bareOf(presence.to) !== pool.jid && pool.visibleTo(presence.from)) {
      return this.#toStandIn(presence);
    }
    const moved = this.#movedFor(pool, presence);
    if (moved !== undefined) return refuseMoved(this.#service, presence, moved);
    const heard = address.kind === 'pool' ? this.#ofMember(pool, presence, now) : undefined;
    if (heard !== undefined) return heard;
    switch (presence.type) {
      case 'available':
        return address.kind === 'pool'
          ? this.#available(pool, presence, now)
          : (this.#toInstance(pool, address, presence, now) ?? this.#elsewhere(pool, presence));
      case 'unavailable':
        if (address.kind === 'pool') return this.#unavailable(pool, presence);
        this.#leaveInstance(pool, address, presence);
        return consumed;
      case 'subscribe':
      case 'subscribed':
      case 'unsubscribe':
      case 'unsubscribed':
        return this.#subscribing.on({ ...presence, type: presence.type }, pool, now);
      case 'probe':
        return this.#probe(pool, address, presence, now);
      case 'error':
        return address.kind === 'label' && this.#leaveInstance(pool, address, presence)
          ? consumed
          : this.#error(pool, presence, now);
      case 'invalid':
        return dropped('presence-ignored');
    }
  }

  /** What a static member says of itself; `undefined` for anything else. */
  #ofMember(pool: Pool | undefined, presence: PresenceEnvelope, now: number): Outcome | undefined {
    const member = pool?.roster.farBehind(presence.from);
    if (pool === undefined || member?.jid !== presence.from) return undefined;
    return this.#membership.watch.far.hear(pool, member, presence, now);
  }

  /** Where the pool has moved to, for a presence that wants to join it, or to see it. Members are told otherwise. */
  #movedFor(pool: Pool | undefined, { type, from }: PresenceEnvelope): MovedTo | undefined {
    const wants = type === 'available' || type === 'subscribe' || type === 'probe';
    if (!wants || pool?.settings.moved === undefined || pool.roster.get(from) !== undefined) return undefined;
    return pool.visibleTo(from) || this.#service.admins.allows(from) ? pool.settings.moved : undefined;
  }

  /** To a resource that no address of ours has, such as a nickname that is not ASCII. */
  onOddResource(presence: PresenceEnvelope, now: number): Outcome {
    const [bare, resource] = [bareOf(presence.to), resourceOf(presence.to)];
    const local = localOf(bare);
    if (local === undefined || resource === undefined || !isPlausibleJid(presence.to))
      return dropped('presence-ignored');
    return this.on(presence, { kind: 'proxy', pool: local, target: resource }, now);
  }

  #available(pool: Pool | undefined, presence: PresenceEnvelope, now: number): Outcome {
    const refusal = this.#refusal(pool, presence.from);
    if (refusal !== undefined || pool === undefined) return this.#refuse(presence, refusal ?? 'join-unreachable');
    if (pool.roster.get(presence.from) === undefined && !this.#subscribing.admits(pool, presence.from)) {
      return this.#refuse(presence, 'join-needs-subscription');
    }
    if (pool.roster.get(presence.from) === undefined && !pool.hasRoomFor(presence.from)) {
      return this.#refuse(presence, 'overloaded');
    }
    // A member that is here is updated; nothing but our own ignorance makes a second one of it.
    this.#membership.hear(pool, presence, now);
    return consumed;
  }

  #refusal(pool: Pool | undefined, from: string): ErrorCode | undefined {
    if (pool === undefined || !pool.visibleTo(from)) return 'join-unreachable';
    if (!pool.workers.allows(from)) return 'join-forbidden';
    return resourceOf(from) === undefined || !from.includes('@') ? 'join-needs-resource' : undefined;
  }

  /** A client shows itself to the instance that it uses (specs.md 3.2, D6). */
  #toInstance(
    pool: Pool | undefined,
    address: OwnAddress,
    presence: PresenceEnvelope,
    now: number,
  ): Outcome | undefined {
    if (pool === undefined || address.kind !== 'label' || presence.muc) return undefined;
    return this.#instances.hear(pool, address.label, presence, now);
  }

  /** Whether the presence ended a session with an instance. */
  #leaveInstance(pool: Pool | undefined, address: OwnAddress, presence: PresenceEnvelope): boolean {
    return (
      pool !== undefined && address.kind === 'label' && this.#instances.clientGone(pool, address.label, presence.from)
    );
  }

  /** Presence to a resource of the pool: a chat client that takes it for a room is told better. */
  #elsewhere(pool: Pool | undefined, presence: PresenceEnvelope): Outcome {
    // A presence error to a member would make ejabberd forget to report its death.
    if (!presence.muc || pool?.roster.get(presence.from) !== undefined) return consumed;
    return this.#refuse(presence, pool?.visibleTo(presence.from) === true ? 'join-at-resource' : 'join-unreachable');
  }

  #unavailable(pool: Pool | undefined, presence: PresenceEnvelope): Outcome {
    if (pool === undefined) return consumed;
    // RFC 6121 3.1.3: the first answer to our subscribe may be this mere acknowledgement.
    if (resourceOf(presence.from) === undefined && this.#subscribing.isPending(pool, presence.from)) return consumed;
    const leaving =
      resourceOf(presence.from) === undefined
        ? pool.roster.ofAccount(presence.from)
        : [pool.roster.get(presence.from)].filter((member) => member !== undefined);
    for (const member of leaving) this.#membership.leave(pool, member, 'left');
    return consumed;
  }

  /** A member hears what it should know; any other prober what its subscription says (RFC 6121 4.3.2). */
  #probe(pool: Pool | undefined, address: OwnAddress, presence: PresenceEnvelope, now: number): Outcome {
    const one =
      pool === undefined || resourceOf(presence.to) === undefined ? undefined : this.#probeOne(pool, address, presence);
    if (one !== undefined) return one;
    const member = pool?.roster.get(presence.from);
    if (pool === undefined || member === undefined || member.far !== undefined) {
      return this.#subscribing.on({ ...presence, type: 'probe' }, pool, now);
    }
    return this.#membership.tell(pool, member, presence.id, now) === 'sent' ? consumed : dropped('link-down');
  }

  /**
   * A probe to a resource of the pool is about that resource, and is told no more than whether it is there (RFC 6121
   * 4.3.2; specs.md 4.4 C). `undefined` for who may not see it: to him nothing is there, whatever he asks for.
   */
  #probeOne(pool: Pool, address: OwnAddress, { from, to, id }: PresenceEnvelope): Outcome | undefined {
    const shown = this.#instances.isShown(pool, address, from);
    if (!shown && pool.roster.get(from) === undefined && !this.#subscribing.isWatchedBy(pool, from)) return undefined;
    const member = address.kind === 'label' ? pool.roster.byLabel(address.label) : undefined;
    const there = shown || (member !== undefined && reachable(member));
    const type = there ? 'available' : 'unavailable';
    const sent = this.#service.out.presence({ from: to, to: from, id, type, status: undefined, error: undefined });
    return sent === 'sent' ? consumed : dropped('link-down');
  }

  /** `pool+key@domain` stands for somebody who is not shown: it has no presence, and sees none. */
  #toStandIn(presence: PresenceEnvelope): Outcome {
    return presence.type === 'subscribe' || presence.type === 'probe' ? this.#hasNone(presence) : consumed;
  }

  /** Neither the service itself nor a stand-in for a sender has a presence to subscribe to. */
  #hasNone(presence: PresenceEnvelope): Outcome {
    const sent = this.#service.out.presence({
      from: presence.to,
      to: presence.from,
      id: presence.id,
      type: 'unsubscribed',
      status: errors['subscribe-unsupported'].text,
      error: undefined,
    });
    return sent === 'sent' ? bounced('subscribe-unsupported') : dropped('link-down');
  }

  /** Our presence did not reach a member: perhaps it is gone. */
  #error(pool: Pool | undefined, presence: PresenceEnvelope, now: number): Outcome {
    const member = pool?.roster.get(presence.from);
    if (pool === undefined || member === undefined) return dropped('error-unmatched');
    this.#membership.watch.suspect(pool, member, presence.error?.condition ?? 'undefined-condition', now);
    return consumed;
  }

  #refuse(presence: PresenceEnvelope, code: ErrorCode): Outcome {
    const { from, to, id } = presence;
    const sent = this.#service.out.presence({
      from: to,
      to: from,
      id,
      type: 'error',
      status: undefined,
      error: code,
    });
    return sent === 'sent' ? bounced(code) : dropped('link-down');
  }
}
