import { bareOf } from '../address/jid.ts';
import type { MessageEnvelope } from '../envelope.ts';
import { consumed, dropped, type Outcome, relayed } from '../outcome/outcome.ts';
import { refuseMessage, unsent } from '../outcome/refuse.ts';
import type { Conversation } from '../pool/conversation/conversations.ts';
import type { Dispatcher } from '../pool/dispatch/dispatch.ts';
import type { Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import { meansGone } from '../pool/watch/verification.ts';
import type { Service } from '../service.ts';
import type { PoolSettings } from '../settings.ts';
import type { Forward } from './forward.ts';
import { ringAge } from './ring.ts';
import { progress } from './settle.ts';

/** How often one message is given to a worker, the first time counted. */
const attempts = 4;

/** What becomes of messages that workers, or their servers, return with an error. */
export class Bounces {
  readonly #service: Service;
  readonly #dispatcher: Dispatcher;
  readonly #suspect: (pool: Pool, member: Member, condition: string, now: number) => void;

  /** @param suspect Told of every member whose server says that it is gone. */
  constructor(
    service: Service,
    dispatcher: Dispatcher,
    suspect: (pool: Pool, member: Member, condition: string, now: number) => void,
  ) {
    this.#service = service;
    this.#dispatcher = dispatcher;
    this.#suspect = suspect;
  }

  /** Takes an error from the worker, or the account, `error.from` about a message of `conversation`. */
  on(pool: Pool, conversation: Conversation, error: MessageEnvelope, now: number): Outcome {
    const forward = error.id === undefined ? undefined : pool.ring.find(conversation, error.id);
    const condition = error.error?.condition ?? '';
    const gone = meansGone(condition);
    if (forward === undefined) return this.#unmatched(pool, conversation, error, now);
    const worker = forward.workerAt(error.from);
    const before = worker === undefined ? 'over' : forward.progressOf(worker);
    // Of a worker that it was taken from: its failure is known.
    if (worker === undefined || (before === 'over' && forward.copies !== undefined)) return dropped('error-unmatched');
    progress(pool, worker, forward, 'over', now);
    if (gone) this.#suspect(pool, worker, condition, now);
    forward.fail(worker);
    if (forward.copies !== undefined) {
      return forward.failed.length < forward.copies.size
        ? consumed
        : this.#tell(pool, conversation, error, forward, now);
    }
    const { message } = forward;
    if (gone && before === 'open' && message !== undefined) return this.#again(pool, forward, message, now);
    pool.ring.release(forward);
    return this.#tell(pool, conversation, error, forward, now);
  }

  /** About nothing that is remembered as forwarded. */
  #unmatched(pool: Pool, conversation: Conversation, error: MessageEnvelope, now: number): Outcome {
    const condition = error.error?.condition ?? '';
    const member = pool.roster.get(error.from);
    const given = member?.far !== undefined && isSaidByPool(error);
    if (meansGone(condition) && member !== undefined && !given) this.#suspect(pool, member, condition, now);
    // It came to its end before, and the sender was told: servers return even what a worker has done. A pool of
    // another domain gives back what it had, and nobody else tells of that.
    if (isDurable(pool.settings) && !given) return dropped('error-unmatched');
    return this.#tell(pool, conversation, error, undefined, now);
  }

  /** Gives to another worker what one could not take; the sender hears of it when none is left. */
  #again(pool: Pool, forward: Forward, message: MessageEnvelope, now: number): Outcome {
    const { out } = this.#service;
    const tryIt = forward.failed.length < attempts && now - forward.at < ringAge;
    const sent = tryIt ? this.#dispatcher.again(pool, forward, message, now) : undefined;
    if (sent === 'sent') {
      out.event('ring-retried', pool.settings.name);
      return consumed;
    }
    out.event('ring-exhausted', pool.settings.name);
    pool.ring.release(forward);
    const outcome = sent === undefined ? refuseMessage(out, message, 'no-worker') : unsent(out, message, sent);
    return outcome.kind === 'bounced' ? relayed : outcome;
  }

  /** Passes the error on to the sender, under the id that he knows. */
  #tell(
    pool: Pool,
    conversation: Conversation,
    error: MessageEnvelope,
    forward: Forward | undefined,
    now: number,
  ): Outcome {
    if (pool.hearsFrom(conversation.sender)) {
      this.#service.out.event('event-refused', pool.settings.name);
      return consumed;
    }
    const member = pool.roster.get(error.from);
    if (pool.rates.worker(member?.jid ?? bareOf(error.from), now) !== undefined) return dropped('over-rate');
    const told = forward?.ours === undefined ? error : { ...error, id: forward.original };
    const sent = this.#service.out.relay(told, pool.jid, conversation.sender);
    return sent === 'sent' ? relayed : dropped(sent === 'congested' ? 'shed' : 'link-down');
  }
}

/** Whether an error is the word of a pool, near or behind it, and not of a server in its place: servers have no localpart. */
function isSaidByPool({ error }: MessageEnvelope): boolean {
  return error?.by?.includes('@') === true;
}

/** Whether the pool forwards nothing plainly, save what is never returned to its sender. */
function isDurable({ delivery: { guarantee, hints } }: PoolSettings): boolean {
  return guarantee === 'at-least-once' && !hints.includes('plain');
}
