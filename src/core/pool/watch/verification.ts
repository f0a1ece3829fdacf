import type { IqResponseEnvelope } from '../../envelope.ts';
import type { Out } from '../../ports.ts';
import type { Member } from '../member.ts';
import type { Pool } from '../pool.ts';
import { meansUnreachable } from './outages.ts';

/** Pings a second after a (re)connect. */
const pace = 200;
/** How long a member may take to answer its ping, in milliseconds. */
const patience = 5_000;
/** How long messages wait for members to be verified, in milliseconds. */
const messagePatience = 2_000;
/** Pings that may stand open at once; more members are asked as these are answered. */
const openMax = 2_000;

/**
 * Conditions that a server sends for a client that is gone (XEP-0045's ghost rule and
 * specs of message bounces). Any other error was made by a living client.
 */
const ghostConditions: ReadonlySet<string> = new Set([
  'gone',
  'item-not-found',
  'recipient-unavailable',
  'redirect',
  'remote-server-not-found',
  'remote-server-timeout',
  'service-unavailable',
]);

/** Whether an error with this condition may mean that the addressee is gone. */
export function meansGone(condition: string): boolean {
  return ghostConditions.has(condition);
}

/**
 * What the verifier found out about a member. `reached`: its server answered, whatever it said.
 * `suspended`: it used to answer pings, was thought to live, and did not answer. `unreachable`:
 * its server cannot be reached.
 */
export type Finding = 'reached' | 'verified' | 'unverified' | 'suspended' | 'gone' | 'unreachable';

/** A member that is to be asked when its turn comes. */
interface Question {
  readonly pool: Pool;
  readonly member: Member;
  readonly greet?: (pool: Pool, member: Member) => void;
}

interface OpenPing {
  readonly pool: Pool;
  readonly member: Member;
  readonly deadline: number;
}

/**
 * Finds out which members still live, by XEP-0199 pings: once for each new member, to learn
 * whether its client answers them, and for every member after a (re)connect, when leaves may
 * have been missed.
 */
export class Verification {
  readonly #out: Out;
  readonly #newId: () => string;
  readonly #found: (pool: Pool, member: Member, finding: Finding, now: number) => void;
  readonly #open = new Map<string, OpenPing>();
  #line: Question[] = [];
  /** Length at which the line is looked through. */
  #reviewAt = openMax;
  #waitUntil = 0;
  #pacedAt = 0;

  constructor(
    out: Out,
    newId: () => string,
    found: (pool: Pool, member: Member, finding: Finding, now: number) => void,
  ) {
    this.#out = out;
    this.#newId = newId;
    this.#found = found;
  }

  /** Pings that nobody answered yet, and those that are still to be sent. */
  get pending(): number {
    return this.#open.size + this.#line.length;
  }

  /** Asks a member that has just joined, or was silent for long. */
  askOne(pool: Pool, member: Member, now: number): void {
    if (this.#open.size >= openMax) this.#queue({ pool, member });
    else this.#ask(pool, member, now);
  }

  /**
   * Asks every member of every pool again, newest first; their state becomes `checking`.
   * @param greet Called for each member just before it is pinged.
   */
  askAll(pools: Iterable<Pool>, now: number, greet: (pool: Pool, member: Member) => void): void {
    this.#open.clear();
    const line: Question[] = [];
    for (const pool of pools) {
      for (const member of pool.roster) {
        // A pool of another domain shows itself (`FarPools`).
        if (member.far !== undefined) continue;
        pool.setState(member, 'checking');
        member.announced = false;
        line.push({ pool, member, greet });
      }
    }
    // The line is taken from its end.
    this.#line = line.sort((a, b) => a.member.seen - b.member.seen);
    this.#waitUntil = now + messagePatience;
    this.#pacedAt = now;
    this.#askSome(pace / 10, now);
  }

  /** Forgets every open question: the link is gone, and with it the answers. */
  linkDown(): void {
    this.#open.clear();
    this.#line = [];
  }

  /** Whether messages of `pool` should wait for the answers. */
  holds(pool: Pool, now: number): boolean {
    return now < this.#waitUntil && pool.roster.checking > 0;
  }

  /** Takes in the answer to one of our pings, or returns false. Matched by peer and id. */
  answer(response: IqResponseEnvelope, now: number): boolean {
    const ping = response.id === undefined ? undefined : this.#open.get(response.id);
    if (ping === undefined || response.id === undefined || ping.member.jid !== response.from) return false;
    this.#open.delete(response.id);
    const { pool } = ping;
    // It may have left and come back meanwhile.
    const member = pool.roster.get(response.from) ?? ping.member;
    if (response.error !== undefined && meansUnreachable(response.error.condition)) {
      this.#found(pool, member, 'unreachable', now);
      return true;
    }
    this.#found(pool, member, 'reached', now);
    const answersPings = response.error === undefined;
    if (answersPings || !meansGone(response.error.condition)) {
      pool.learnPings(member, answersPings || member.pings === true);
      this.#found(pool, member, 'verified', now);
    } else {
      this.#unanswered(pool, member, member.pings === true, now);
    }
    return true;
  }

  /** Sends the next pings and gives up on those that nobody answered. */
  tick(now: number): void {
    for (const [id, ping] of this.#open) {
      if (ping.deadline > now) break;
      this.#open.delete(id);
      this.#unanswered(ping.pool, ping.member, false, now);
    }
    const due = Math.floor(((now - this.#pacedAt) * pace) / 1_000);
    if (due > 0) {
      this.#pacedAt = now;
      this.#askSome(due, now);
    }
  }

  /** Who came and went while the line was long shall not make it longer. */
  #queue(question: Question): void {
    if (this.#line.length >= this.#reviewAt) {
      this.#line = this.#line.filter(({ pool, member }) => pool.roster.holds(member));
      this.#reviewAt = Math.max(openMax, 2 * this.#line.length);
    }
    this.#line.push(question);
  }

  #askSome(count: number, now: number): void {
    for (let n = 0; n < count && this.#open.size < openMax; ) {
      const next = this.#line.pop();
      if (next === undefined) return;
      if (!next.pool.roster.holds(next.member)) continue;
      next.greet?.(next.pool, next.member);
      this.#ask(next.pool, next.member, now);
      n += 1;
    }
  }

  #ask(pool: Pool, member: Member, now: number): void {
    const id = this.#newId();
    // A ping that could not be written is one that nobody answers.
    this.#out.ping(pool.jid, member.jid, id);
    member.pingedAt = now;
    this.#open.set(id, { pool, member, deadline: now + patience });
  }

  /** `sure`: an error came from where pings used to be answered. */
  #unanswered(pool: Pool, member: Member, sure: boolean, now: number): void {
    if (!pool.roster.holds(member)) return;
    const answered = member.pings === true;
    if (member.pings === undefined) pool.learnPings(member, false);
    if (member.state === 'verified') {
      // Who was heard since the ping is alive, whatever became of it.
      if (answered && member.heardAt < member.pingedAt) this.#found(pool, member, 'suspended', now);
    } else if (sure && (member.state === 'checking' || member.state === 'unverified')) {
      this.#found(pool, member, 'gone', now);
    } else if (member.state === 'checking') {
      this.#found(pool, member, 'unverified', now);
    }
  }
}
