import { proxyFor } from '../address/address.ts';
import type { IqRequestEnvelope, IqResponseEnvelope } from '../envelope.ts';
import type { ErrorCode } from '../errors/errors.ts';
import { dropped, forwarded, type Outcome, relayed } from '../outcome/outcome.ts';
import { refuse } from '../outcome/refuse.ts';
import { type Member, reachable } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import type { Service } from '../service.ts';
import { chooseWorker } from './choice.ts';
import type { Open, Pending } from './pending.ts';
import { hopId, requestHops } from './request-hops.ts';

/** How many workers a get is given to, the first one counted. */
const attempts = 4;

/**
 * Conditions by which a server answers for a client that is gone. `item-not-found` is none of them:
 * programs say it of what they were asked for.
 */
const goneConditions: ReadonlySet<string> = new Set([
  'gone',
  'recipient-unavailable',
  'redirect',
  'remote-server-not-found',
  'remote-server-timeout',
  'service-unavailable',
]);
/** Of these, what says nothing to who asked, or would send him to wherever a worker likes. */
const untold: ReadonlySet<string> = new Set([
  'gone',
  'recipient-unavailable',
  'redirect',
  'remote-server-not-found',
  'remote-server-timeout',
]);

/** What the requests have to do with the workers' lives. */
export interface WorkerLives {
  /** A worker was heard. */
  readonly alive: (pool: Pool, member: Member, now: number) => void;
  /** A worker's server says that it is gone. */
  readonly suspect: (pool: Pool, member: Member, condition: string, now: number) => void;
}

/**
 * Gives requests to workers and their answers to who asked: each request gets one answer, the worker's
 * or an error. A get whose worker is gone is given to another; a set is not, since it may have been
 * carried out.
 */
export class Proxying {
  readonly #service: Service;
  readonly #newId: () => string;
  readonly #lives: WorkerLives;
  #attached = false;

  /** @param newId Makes the ids that workers know requests by; nobody may be able to guess one. */
  constructor(service: Service, newId: () => string, lives: WorkerLives) {
    this.#service = service;
    this.#newId = newId;
    this.#lives = lives;
  }

  linkUp(): void {
    this.#attached = true;
  }

  /** Nobody can be told anything until the link is back; answers that were under way are lost. */
  linkDown(): void {
    this.#attached = false;
  }

  /**
   * Takes a request to its worker.
   * @param only The worker whose label it was sent to; without one the algorithm chooses.
   */
  ask(pool: Pool, request: IqRequestEnvelope, only: Member | undefined, now: number): Outcome {
    const { out, readElement } = this.#service;
    if (!this.#service.pending.hasRoom(request)) return refuse(out, request, 'overloaded');
    const member = only ?? chooseWorker(pool, request, [], readElement, now);
    if (member === undefined) return refuse(out, request, 'no-worker');
    const deadline = now + pool.requests.timeout;
    const sent = this.#give({ pool, request, fixed: only !== undefined, deadline, failed: [] }, member, now);
    if (sent === 'sent') return forwarded;
    return sent === 'link-down'
      ? dropped('link-down')
      : refuse(out, request, sent === 'too-large' ? sent : 'overloaded');
  }

  /** Takes in an answer, or returns `undefined`: it is to nothing that was asked here. */
  answer(response: IqResponseEnvelope, now: number): Outcome | undefined {
    const match = this.#service.pending.match(response);
    if (match === undefined) return undefined;
    if (typeof match === 'string') return dropped(`response-${match}`);
    const { pool, member, request } = match;
    const condition = response.error?.condition;
    const gone = condition !== undefined && (goneConditions.has(condition) || response.from !== member.jid);
    // One that has left is no member any more, even if its last answer comes after it.
    if (pool.roster.holds(member)) {
      if (gone) this.#lives.suspect(pool, member, condition, now);
      else this.#lives.alive(pool, member, now);
    }
    if (gone && this.#again(match, now)) return relayed;
    if (gone && (untold.has(condition) || response.from !== member.jid)) {
      this.#giveUp(match, 'request-lost');
      return relayed;
    }
    this.#close(match, 'duplicate', now);
    return this.#reply(request, response, pool);
  }

  /** Tells who waited too long, and takes requests on from workers that are gone. */
  tick(now: number): void {
    if (!this.#attached) return;
    for (const open of this.#service.pending) {
      if (open.deadline <= now) this.#giveUp(open, 'request-timeout');
      else if (!open.pool.roster.holds(open.member)) {
        if (!this.#again(open, now)) this.#giveUp(open, 'request-lost');
      } else if (!reachable(open.member)) this.#again(open, now);
    }
  }

  /** Tells all who wait that they will get no answer. Returns how many could not be told. */
  turnAway(): number {
    const { pending, out } = this.#service;
    let untold = 0;
    for (const open of pending) {
      pending.end(open, 'late');
      if (refuse(out, open.request, 'shutting-down').kind === 'dropped') untold += 1;
    }
    return untold;
  }

  #give(pending: Pending, member: Member, now: number): ReturnType<Service['out']['ask']> {
    const { pool, request } = pending;
    const own = this.#newId();
    const id = member.far === undefined ? own : hopId(own, requestHops(request.id));
    const sent = this.#service.out.ask(request, this.#standIn(pool, request.from), member.jid, id, pool);
    if (sent !== 'sent') return sent;
    this.#service.pending.add(pending, member, id, now);
    member.served(now);
    return sent;
  }

  /** Who asks, as the worker sees him. Answers are matched by id, so that no alias is needed. */
  #standIn(pool: Pool, from: string): string {
    const { name } = pool.settings;
    return (pool.hidesSenders ? undefined : proxyFor(name, this.#service.domain, from)) ?? pool.jid;
  }

  /** Gives a get to another worker, or returns false: there is none, or it may not be asked twice. */
  #again(open: Open, now: number): boolean {
    const { pool, request, member, fixed } = open;
    const failed = [...open.failed, member];
    if (fixed || request.type !== 'get' || failed.length >= attempts) return false;
    const next = chooseWorker(pool, request, failed, this.#service.readElement, now);
    if (next === undefined) return false;
    this.#close(open, 'late', now);
    if (this.#give({ ...open, failed }, next, now) !== 'sent') {
      this.#tell(open, 'request-lost');
      return true;
    }
    this.#service.out.event('request-retried', pool.settings.name);
    return true;
  }

  #giveUp(open: Open, code: 'request-timeout' | 'request-lost'): void {
    this.#service.pending.end(open, 'late');
    this.#tell(open, code);
  }

  #tell({ pool, request }: Open, code: 'request-timeout' | 'request-lost'): void {
    this.#service.out.event(code, pool.settings.name);
    this.#refuse(request, code);
  }

  #close(open: Open, how: 'late' | 'duplicate', now: number): void {
    this.#service.pending.end(open, how);
    open.member.answered(open.askedAt, now);
  }

  #reply(request: IqRequestEnvelope, response: IqResponseEnvelope, pool: Pool): Outcome {
    const { out } = this.#service;
    const sent = out.reply(request, response);
    if (sent === 'sent') {
      out.event('request-answered', pool.settings.name);
      return relayed;
    }
    if (sent === 'link-down') return dropped('link-down');
    // An error is shorter, and who asked gets an answer all the same.
    this.#refuse(request, sent === 'too-large' ? 'too-large' : 'overloaded');
    return dropped('shed');
  }

  #refuse(request: IqRequestEnvelope, code: ErrorCode): void {
    this.#service.out.bounce(request, code);
  }
}
