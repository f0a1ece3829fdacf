import type { MessageEnvelope } from '../../envelope.ts';
import type { ErrorCode } from '../../errors/errors.ts';
import { type Outcome, queued } from '../../outcome/outcome.ts';
import { refuseMessage } from '../../outcome/refuse.ts';
import { countWaited } from '../../outcome/waited.ts';
import type { Service } from '../../service.ts';
import type { Pool } from '../pool.ts';
import { WaitingRoom } from '../waiting.ts';
import type { Alias } from './aliases.ts';

/** How long an alias is kept after its last use (design.md, Addresses), in milliseconds. */
const retention = 30 * 86_400_000;
/** How often aliases are looked at for their age, in milliseconds. */
const expireEvery = 60_000;

/**
 * Gives aliases to the senders who need one. An alias is stored before the first message goes out
 * under it: a reply to an alias that a crash had wiped out would reach nobody, and the sender would
 * have another name with every restart. Until then his messages wait, in order, within the memory
 * budget: their outcome is `queued`, and events count how each ended.
 */
export class Introductions {
  readonly #service: Service;
  readonly #newKey: () => string;
  readonly #resume: (message: MessageEnvelope, now: number) => Outcome | undefined;
  readonly #open = new Set<Alias>();
  /** What was stored, or not, while there was no link to tell anybody. */
  readonly #held: (() => void)[] = [];
  #down = false;
  #now = 0;
  #expiredAt = 0;

  /**
   * @param newKey Makes keys: 128 random bits in lower-case base32.
   * @param resume Routes a message that has waited; what lets it in was asked when it came.
   */
  constructor(
    service: Service,
    newKey: () => string,
    resume: (message: MessageEnvelope, now: number) => Outcome | undefined,
  ) {
    this.#service = service;
    this.#newKey = newKey;
    this.#resume = resume;
  }

  /** Aliases that are being stored, or wait for the link to be told of. */
  get open(): number {
    return this.#open.size + this.#held.length;
  }

  /**
   * Lets a message wait until its sender, of whom `pool` has no alias yet, has one.
   * @param kept Whether the pool then keeps the message until a worker can take it.
   */
  wait(pool: Pool, message: MessageEnvelope, kept: boolean, now: number): Outcome {
    const { out, aliases, memory } = this.#service;
    const { name } = pool.settings;
    this.#now = now;
    // Whoever floods a pool without workers shall not fill the table; what is kept has bounds of its own.
    if (pool.roster.size === 0 && !kept) return refuseMessage(out, message, 'no-worker');
    const known = aliases.find(name, message.from);
    if (known?.line !== undefined) {
      return known.line.admit(message) ? queued : refuseMessage(out, message, 'overloaded');
    }
    const line = new WaitingRoom(memory);
    const alias = this.#add(pool, message.from, line, now);
    if (alias === undefined) return refuseMessage(out, message, 'alias-limit');
    if (!line.admit(message)) {
      aliases.remove(alias);
      return refuseMessage(out, message, 'overloaded');
    }
    this.#store(alias, line);
    return queued;
  }

  /**
   * Sees to an alias for the sender of a message that the pool has accepted before he needed one, or whose alias
   * is forgotten: it cannot go out without. Where there is no room for one, it is for the next call to try again.
   */
  introduce(pool: Pool, sender: string, now: number): void {
    const { aliases, memory } = this.#service;
    if (aliases.find(pool.settings.name, sender) !== undefined) return;
    this.#now = now;
    const line = new WaitingRoom(memory);
    const alias = this.#add(pool, sender, line, now);
    if (alias !== undefined) this.#store(alias, line);
  }

  /** Writes the last use of the alias of a sender, if he has one. */
  used(pool: string, sender: string, now: number): void {
    const { out, aliases } = this.#service;
    const alias = aliases.find(pool, sender);
    if (alias === undefined || alias.line !== undefined || !aliases.touch(alias, now)) return;
    out.commit({ op: 'put-alias', pool, sender: alias.sender, key: alias.key, at: now });
  }

  linkUp(now: number): void {
    this.#now = now;
    this.#down = false;
    for (const settle of this.#held.splice(0)) settle();
  }

  linkDown(): void {
    this.#down = true;
  }

  /** Forgets aliases after their time. */
  tick(now: number): void {
    this.#now = now;
    if (now - this.#expiredAt < expireEvery) return;
    this.#expiredAt = now;
    const { out, aliases, conversations, pools } = this.#service;
    // Who may still be answered must still have a name.
    const kept = (pool: string): number => Math.max(retention, pools.get(pool)?.settings.replyWindow ?? 0);
    for (const { pool, sender } of aliases.expire(now, kept)) {
      conversations.forget(pool, sender);
      out.commit({ op: 'remove-alias', pool, sender });
      out.event('alias-expired', pool);
    }
  }

  /** Answers those who wait, because the service is shutting down. Returns how many could not be told. */
  turnAway(): number {
    let untold = 0;
    for (const { line, pool } of this.#open) {
      if (line !== undefined) untold += this.#refuse(line, pool, 'shutting-down');
    }
    return untold;
  }

  #add(pool: Pool, sender: string, line: WaitingRoom, now: number): Alias | undefined {
    return this.#service.aliases.add({ pool: pool.settings.name, sender, key: this.#newKey(), at: now }, line);
  }

  #store(alias: Alias, line: WaitingRoom): void {
    const { pool, sender, key, at } = alias;
    this.#open.add(alias);
    this.#service.out.commit({ op: 'put-alias', pool, sender, key, at }, (error) => {
      if (this.#down) this.#held.push(() => this.#settle(alias, line, error));
      else this.#settle(alias, line, error);
    });
  }

  #settle(alias: Alias, line: WaitingRoom, error: Error | undefined): void {
    const { out, aliases } = this.#service;
    this.#open.delete(alias);
    alias.line = undefined;
    if (error !== undefined) {
      aliases.remove(alias);
      out.event('write-failed', alias.pool);
      this.#refuse(line, alias.pool, 'store-failed');
      return;
    }
    out.event('alias-made', alias.pool);
    for (const message of line.release()) this.#end(this.#resume(message, this.#now), alias.pool);
  }

  /** Returns how many could not be told, for want of a link. */
  #refuse(line: WaitingRoom, pool: string, code: ErrorCode): number {
    let untold = 0;
    for (const message of line.release()) {
      const outcome = refuseMessage(this.#service.out, message, code);
      if (outcome.kind === 'dropped' && outcome.reason === 'link-down') untold += 1;
      this.#end(outcome, pool);
    }
    return untold;
  }

  /** Who waits on, for workers to be verified or for the disk, is counted when that ends. */
  #end(outcome: Outcome | undefined, pool: string): void {
    if (outcome === undefined || outcome.kind === 'queued') return;
    countWaited(this.#service, pool, outcome);
  }
}
