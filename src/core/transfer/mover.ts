import { domainOf } from '../address/jid.ts';
import type { IqResponseEnvelope } from '../envelope.ts';
import type { Member } from '../pool/member.ts';
import { type ClientFeatures, featuresOf } from '../pool/membership/client-features.ts';
import type { Pool } from '../pool/pool.ts';
import type { Service } from '../service.ts';
import { type Destination, formatDestination } from './destination.ts';
import { type Move, type MoveResult, type MoveStage, saysItIsBack, saysItIsThere } from './move.ts';
import { Moves } from './moves.ts';
import type { TransferForm, TransferOrder } from './order.ts';
import { Places } from './places.ts';
import type { TransferSettings } from './settings.ts';
import { refusalOf } from './worker-answer.ts';

/** What the mover needs to know of the rest. */
export interface MoverHooks {
  /** Whether a worker takes transfers although its client does not say so. */
  readonly trusts: (jid: string) => boolean;
  /** Gives a worker nothing more until it has answered a ping; for no condition of an error. */
  readonly suspect: (pool: Pool, member: Member, condition: '', now: number) => void;
  /** Told when a pool has a worker again. */
  readonly wake: (pool: Pool, now: number) => void;
}

/**
 * Moves workers, each by itself: asks what it can do, lets it finish what it has, tells it
 * (XEP-0051), and waits until it has left and come back. Whoever does not follow goes back to work.
 */
export class Mover {
  readonly #service: Service;
  readonly #newId: () => string;
  readonly #hooks: MoverHooks;
  readonly #places: Places;
  readonly #moves = new Moves();
  #now = 0;
  #downSince: number | undefined;

  constructor(service: Service, newId: () => string, hooks: MoverHooks) {
    this.#service = service;
    this.#newId = newId;
    this.#hooks = hooks;
    this.#places = new Places(service);
  }

  get #settings(): TransferSettings {
    return this.#service.settings.transfers;
  }

  /** Whether the worker with this full JID is on its way. */
  moves(jid: string): boolean {
    return this.#moves.of(jid) !== undefined;
  }

  /** Whether any worker of this pool is on its way. */
  movesIn(pool: string): boolean {
    return this.#moves.anyIn(pool);
  }

  /** How many workers are in each stage. */
  count(stage: MoveStage): number {
    return this.#moves.count(stage);
  }

  /** Begins; the move may be over when this returns. */
  begin(move: Move, now: number): void {
    this.#now = now;
    move.beganAt = now;
    const places = this.#places.of(move.jid);
    move.pools = places.map(({ pool }) => pool.settings.name);
    move.was = places.find(({ member }) => member.server !== undefined)?.member.server;
    this.#moves.add(move);
    const [first] = places;
    if (first === undefined) {
      this.#end(move, 'gone', 'it was in no pool any more', now);
      return;
    }
    const known = places.find(({ member }) => member.features !== undefined)?.member.features;
    const form = formFor(known, this.#hooks.trusts(move.jid));
    if (form !== undefined) this.#drain(move, form, now);
    else if (known !== undefined) this.#end(move, 'unsupported', 'its client does not list transfers', now);
    else this.#ask(move, now);
  }

  /** Takes back what was not told yet. A worker that was told cannot be called back. */
  cancel(move: Move, now: number): void {
    if (move.stage === 'asking' || move.stage === 'draining') this.#end(move, 'cancelled', undefined, now);
  }

  /** Takes in the answer to a request of ours, or returns false. Matched by peer and id. */
  answer(response: IqResponseEnvelope, now: number): boolean {
    const move = this.#moves.answered(response.id, response.from);
    if (move === undefined) return false;
    if (move.stage === 'asking') this.#learn(move, response, now);
    else if (move.stage === 'told') this.#answered(move, response, now);
    // Of one that has left already the answer says nothing new.
    return true;
  }

  /** A worker joined, or said something new. */
  heard(member: Member, joined: boolean, now: number): void {
    this.#now = now;
    const move = this.#moves.of(member.jid);
    if (move === undefined) {
      const other = joined ? this.#moves.awayOf(member.bare) : undefined;
      if (other !== undefined) this.#returned(other, member, now);
    } else if (move.stage === 'away') {
      this.#returned(move, member, now);
    } else if (move.stage === 'leaving' && saysItIsThere(member, move)) {
      // Its server never told us that it went.
      this.#returned(move, member, now);
    } else if (joined) {
      this.#places.hold(move.jid, holdOf(move.stage));
    }
  }

  /** A worker left one of its pools. */
  left(member: Member): void {
    const move = this.#moves.of(member.jid);
    if (move === undefined || this.#places.of(move.jid).length > 0) return;
    if (move.stage === 'asking' || move.stage === 'draining') {
      this.#end(move, 'gone', 'it left before it was told', this.#now);
      return;
    }
    move.leftAt = this.#now;
    this.#enter(move, 'away', this.#now + this.#settings.back);
  }

  /** The clocks stand still until the link is back. */
  linkDown(): void {
    this.#downSince ??= this.#now;
  }

  /** The answers that were under way are lost: those who were to answer are asked again. */
  linkUp(now: number): void {
    const lost = now - (this.#downSince ?? now);
    this.#downSince = undefined;
    this.#now = now;
    for (const move of this.#moves.all()) {
      move.deadline += lost;
      this.#moves.unask(move);
      if (move.stage === 'asking') this.#ask(move, now);
      else if (move.stage === 'told') this.#drain(move, move.form, now);
    }
  }

  tick(now: number): void {
    if (this.#downSince !== undefined) return;
    this.#now = now;
    for (const move of this.#moves.all()) this.#step(move, now);
  }

  #step(move: Move, now: number): void {
    const late = now >= move.deadline;
    switch (move.stage) {
      case 'asking':
        if (late) this.#end(move, 'unsupported', 'its client did not say what it can do', now);
        return;
      case 'draining':
        if (late || this.#places.unfinished(move.jid, now) === 0) this.#tell(move, now);
        return;
      case 'told':
        if (late) this.#end(move, 'silent', 'it did not answer', now);
        return;
      case 'leaving':
        if (late) this.#end(move, 'stayed', 'it said yes, and did not leave', now);
        return;
      case 'away':
        if (late) this.#end(move, 'lost', 'it left, and did not come back in time', now);
        return;
      case 'over':
    }
  }

  /** What its client can do, where its presence does not say it by reference (XEP-0030). */
  #ask(move: Move, now: number): void {
    const id = this.#newId();
    this.#enter(move, 'asking', now + this.#settings.answer);
    this.#moves.ask(move, id);
    this.#service.out.askInfo(this.#service.domain, move.jid, id, undefined);
  }

  #learn(move: Move, response: IqResponseEnvelope, now: number): void {
    const features = response.info === undefined ? undefined : featuresOf(response.info.features);
    const form = formFor(features, false);
    if (form !== undefined) this.#drain(move, form, now);
    else if (features === undefined) this.#end(move, 'unsupported', 'its client did not say what it can do', now);
    else this.#end(move, 'unsupported', 'its client does not list transfers', now);
  }

  #drain(move: Move, form: TransferForm, now: number): void {
    move.form = form;
    this.#enter(move, 'draining', now + this.#settings.drain);
    this.#places.hold(move.jid, 'draining');
    if (this.#places.unfinished(move.jid, now) === 0) this.#tell(move, now);
  }

  #tell(move: Move, now: number): void {
    const { out, domain } = this.#service;
    const id = this.#newId();
    const unfinished = this.#places.unfinished(move.jid, now);
    // The link is full or down: it is tried again at the next tick, and nothing is lost by that.
    if (out.transfer(domain, move.jid, id, orderFor(move)) !== 'sent') return;
    move.toldAt = now;
    move.unfinished = unfinished;
    this.#enter(move, 'told', now + this.#settings.answer);
    this.#moves.ask(move, id);
    this.#places.hold(move.jid, 'told');
    out.event('transfer-told', undefined);
    this.#note('info', 'transfer-told', move, `worker ${move.jid} is told to connect to ${placeOf(move.to)}`, {
      unfinished,
    });
  }

  #answered(move: Move, { error }: IqResponseEnvelope, now: number): void {
    const refusal = error === undefined ? undefined : refusalOf(error);
    if (refusal === undefined) this.#enter(move, 'leaving', now + this.#settings.leave);
    else this.#end(move, refusal.result, refusal.reason, now);
  }

  #returned(move: Move, member: Member, now: number): void {
    move.returnedAs = member.jid;
    if (saysItIsBack(member, move)) {
      this.#end(move, 'stayed', 'it came back to the server that it was on', now);
      return;
    }
    for (const { pool, member: one } of this.#places.of(member.jid)) {
      one.movedTo = move.to;
      // The nodes of a cluster do not learn of a new session at the same time: what goes to the old one is lost.
      if (one.pings === true) this.#hooks.suspect(pool, one, '', now);
    }
    this.#end(move, 'moved', undefined, now);
  }

  #end(move: Move, result: MoveResult, reason: string | undefined, now: number): void {
    this.#moves.remove(move);
    move.stage = 'over';
    move.result = result;
    move.reason = reason;
    move.endedAt = now;
    for (const pool of this.#places.hold(move.jid, undefined)) this.#hooks.wake(pool, now);
    this.#service.out.event(`transfer-${result}`, undefined);
    const why = reason === undefined ? '' : `: ${reason}`;
    const level = result === 'moved' || result === 'cancelled' ? 'info' : 'warn';
    this.#note(level, `transfer-${result}`, move, `transfer of ${move.jid}: ${result}${why}`, {
      milliseconds: now - move.beganAt,
      ...(move.returnedAs === undefined ? {} : { as: move.returnedAs }),
    });
  }

  #enter(move: Move, stage: MoveStage, deadline: number): void {
    move.stage = stage;
    move.deadline = deadline;
  }

  #note(
    level: 'info' | 'warn',
    event: string,
    move: Move,
    text: string,
    more: Readonly<Record<string, string | number>>,
  ): void {
    const detail = { worker: move.jid, to: placeOf(move.to), ...more };
    this.#service.out.notice({ level, event, pool: undefined, text, detail });
  }
}

/** The form that a client knows; the new one for those that are only said to know one. */
function formFor(features: ClientFeatures | undefined, trusted: boolean): TransferForm | undefined {
  if (features?.transfers === true) return 'cxfr';
  if (features?.oldTransfers === true) return 'srvxfr';
  return trusted ? 'cxfr' : undefined;
}

/** The account stays: the domain to log in to is the worker's own (XEP-0051, `<domain/>`). */
function orderFor({ form, jid, to }: Move): TransferOrder {
  const domain = domainOf(jid);
  return { form, domain, server: to ?? { host: domain, port: undefined } };
}

function holdOf(stage: MoveStage): Member['transfer'] {
  if (stage === 'asking') return undefined;
  return stage === 'draining' ? 'draining' : 'told';
}

function placeOf(to: Destination | undefined): string {
  return to === undefined ? 'its server again' : formatDestination(to);
}
