import type { OwnAddress } from '../address/address.ts';
import type { MessageEnvelope, PresenceEnvelope } from '../envelope.ts';
import { answered, consumed, dropped, type Outcome } from '../outcome/outcome.ts';
import { refuseMessage, unsent } from '../outcome/refuse.ts';
import type { Conversation } from '../pool/conversation/conversations.ts';
import { partyOf } from '../pool/conversation/licence.ts';
import { converse } from '../pool/conversation/stand-in.ts';
import { type Member, reachable } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import type { Sent } from '../ports.ts';
import type { Service } from '../service.ts';
import { type Following, pictureOf, type Session, Sessions } from './sessions.ts';

/** The least time between two rounds of showing one instance's state to its clients, in milliseconds. */
const showAgain = 1_000;
/** Most presences to clients in one tick, over all instances. */
const perTick = 200;
/** How long a session lasts without a sign of its client that it did not confirm, in milliseconds. */
const tentativeFor = 600_000;
/** The same where the client did: its server will say when it goes, unless that server dies. */
const confirmedFor = 86_400_000;

/**
 * Discovery of a running instance by message, and the presence that client and instance exchange
 * while they use each other (specs.md 3: DIX, D2 to D8). A worker that knows the protocol answers
 * the ping itself; for any other the router does.
 */
export class Instances {
  readonly #service: Service;
  readonly #sessions: Sessions;

  constructor(service: Service) {
    this.#service = service;
    this.#sessions = new Sessions(service.memory);
  }

  /** Sessions that are open. */
  get open(): number {
    return this.#sessions.size;
  }

  /** Whether the ping goes on to `member`, which answers it itself. */
  answersItself(member: Member): boolean {
    return member.features?.instances === true;
  }

  /**
   * Answers a ping in the place of `members`, to which it was routed: with their presence, then the
   * pong. Who looks hears of an error only if he hears of nobody.
   */
  pong(
    pool: Pool,
    conversation: Conversation,
    members: readonly Member[],
    ping: MessageEnvelope,
    now: number,
  ): Outcome {
    const { out } = this.#service;
    let failure: Exclude<Sent, 'sent'> | 'no-room' | undefined;
    let pongs = 0;
    for (const member of members) {
      const sent = this.show(pool, conversation, member, now) ? out.pong(ping, addressOf(pool, member)) : 'no-room';
      if (sent === 'sent') pongs += 1;
      else failure = sent;
    }
    if (failure === undefined || pongs > 0) return answered;
    return failure === 'no-room' ? refuseMessage(out, ping, 'overloaded') : unsent(out, ping, failure);
  }

  /**
   * Shows a client the presence of the instance that it is about to use, from its label: to be
   * called before the pong goes out. False when there is no room for the session.
   */
  show(pool: Pool, conversation: Conversation, member: Member, now: number): boolean {
    const { sender, proxy } = conversation;
    const session = this.#open(pool, member, sender, proxy, now);
    if (session === undefined) return false;
    this.#present(session);
    return true;
  }

  /**
   * A client shows its presence to an instance. `undefined` when there is no such instance, or it is
   * none of this client's business.
   */
  hear(pool: Pool, label: string, presence: PresenceEnvelope, now: number): Outcome | undefined {
    if (!pool.senders.allows(presence.from) || pool.roster.get(presence.from) !== undefined) return undefined;
    const member = pool.roster.byLabel(label);
    if (member === undefined || !reachable(member)) {
      return this.#tell(presence.to, presence.from, 'unavailable') === 'sent' ? consumed : dropped('link-down');
    }
    const conversation = converse(this.#service, pool, presence.from);
    // Who has no alias yet has sent nothing yet, and so uses no instance.
    if (conversation === undefined) return undefined;
    const known = this.#sessions.find(member, presence.from) !== undefined;
    const session = this.#open(pool, member, presence.from, conversation.proxy, now);
    if (session === undefined) return dropped('shed');
    this.#sessions.touch(session, now, true);
    if (!session.told && this.#tell(session.proxy, member.jid, 'available') === 'sent') session.told = true;
    if (!known) this.#present(session);
    return consumed;
  }

  /** Whether one end of a session is shown to the other, `to`, as available: an instance by its label, a client by its proxy. */
  isShown(pool: Pool, address: OwnAddress, to: string): boolean {
    if (address.kind === 'label') {
      const member = pool.roster.byLabel(address.label);
      return member !== undefined && reachable(member) && this.#sessions.find(member, to) !== undefined;
    }
    if (address.kind !== 'proxy' && address.kind !== 'alias') return false;
    const member = pool.roster.get(to);
    const client = member === undefined ? undefined : partyOf(this.#service, pool, address);
    if (member === undefined || client === undefined) return false;
    return this.#sessions.find(member, client)?.told === true;
  }

  /** A client has gone, or wants to hear no more of an instance. False when it used none of that label. */
  clientGone(pool: Pool, label: string, client: string): boolean {
    const member = pool.roster.byLabel(label);
    const session = member === undefined ? undefined : this.#sessions.find(member, client);
    if (session === undefined) return false;
    this.#end(session);
    if (session.told) this.#tell(session.proxy, session.member.jid, 'unavailable');
    return true;
  }

  /** Clients may have gone unseen: each is shown its instance anew, and has to confirm that it uses it. */
  linkUp(now: number): void {
    for (const following of this.#sessions.followed) following.picture = '';
    for (const session of this.#sessions.bySilence(true)) this.#sessions.touch(session, now, false);
  }

  tick(now: number): void {
    let left = perTick;
    for (const following of this.#sessions.followed) {
      if (left <= 0) return;
      left -= isGone(following) ? this.#sayGone(following, left) : this.#showChange(following, left, now);
    }
    left -= this.#expire(false, tentativeFor, left, now);
    this.#expire(true, confirmedFor, left, now);
  }

  /** The router leaves: clients have to find another way, and workers need hold nothing for them. */
  drain(): void {
    for (const confirmed of [true, false]) {
      for (const session of this.#sessions.bySilence(confirmed)) this.#close(session);
    }
  }

  #open(pool: Pool, member: Member, client: string, proxy: string, now: number): Session | undefined {
    const before = this.#sessions.size;
    const session = this.#sessions.open(pool, member, client, addressOf(pool, member), proxy, now);
    if (session === undefined) this.#service.out.event('session-refused', pool.settings.name);
    else if (this.#sessions.size > before) this.#service.out.event('session-opened', pool.settings.name);
    return session;
  }

  /** Tells the clients of an instance that it is gone; those that could not be told are told next time. */
  #sayGone({ sessions }: Following, most: number): number {
    let told = 0;
    for (const session of [...sessions.values()].slice(0, most)) {
      if (this.#tell(session.instance, session.client, 'unavailable') !== 'sent') break;
      this.#end(session);
      // It may be there under another label, and then need not hold anything for this client.
      if (session.told && reachable(session.member) && session.pool.roster.holds(session.member)) {
        this.#tell(session.proxy, session.member.jid, 'unavailable');
      }
      told += 1;
    }
    return told;
  }

  /** Goes on with showing an instance's new priority or show (D7). */
  #showChange(following: Following, most: number, now: number): number {
    const { member, sessions } = following;
    const picture = pictureOf(member);
    if (following.rest === undefined && following.picture !== picture && now - following.shownAt >= showAgain) {
      following.picture = picture;
      following.shownAt = now;
      following.rest = sessions.values();
    }
    let told = 0;
    while (following.rest !== undefined && told < most) {
      const next = following.rest.next();
      if (next.done === true) following.rest = undefined;
      else if (this.#present(next.value) === 'sent') told += 1;
      else {
        // The server does not read: in the next round, all again.
        following.picture = '';
        following.rest = undefined;
      }
    }
    return told;
  }

  /** Ends sessions whose client gave no sign for `patience` milliseconds. Returns how many were looked at. */
  #expire(confirmed: boolean, patience: number, most: number, now: number): number {
    let looked = 0;
    for (const session of this.#sessions.bySilence(confirmed)) {
      if (looked >= most || now - session.seenAt < patience) break;
      looked += 1;
      const usedAt = this.#service.conversations.find(session.pool.settings.name, session.client)?.at ?? 0;
      if (now - usedAt < patience) this.#sessions.touch(session, usedAt);
      else this.#close(session);
    }
    return looked;
  }

  /** Ends a session whose both ends are there still, and tells them. */
  #close(session: Session): void {
    this.#end(session);
    this.#tell(session.instance, session.client, 'unavailable');
    if (session.told) this.#tell(session.proxy, session.member.jid, 'unavailable');
  }

  #end(session: Session): void {
    this.#sessions.end(session);
    this.#service.out.event('session-ended', session.pool.settings.name);
  }

  #present({ instance, client, member }: Session): Sent {
    const { priority, show } = member;
    const presence = { from: instance, to: client, id: undefined, status: undefined, error: undefined };
    return this.#service.out.presence({ ...presence, type: 'available', priority, show });
  }

  #tell(from: string, to: string, type: 'available' | 'unavailable'): Sent {
    return this.#service.out.presence({ from, to, id: undefined, type, status: undefined, error: undefined });
  }
}

/** Under another label it is another instance: what is sent to the old one goes to the pool. */
function isGone({ pool, member, label }: Following): boolean {
  return !pool.roster.holds(member) || !reachable(member) || member.label !== label;
}

function addressOf(pool: Pool, member: Member): string {
  return `${pool.jid}/~${member.label}`;
}
