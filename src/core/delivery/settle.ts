import type { MessageEnvelope } from '../envelope.ts';
import type { Conversation } from '../pool/conversation/conversations.ts';
import type { Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import type { Forward } from './forward.ts';

/**
 * Notes what a worker's message to the sender of `conversation` ends: what its receipt names, what
 * its reply names, else the oldest that it has not replied to. A chat state or a marker ends nothing.
 */
export function settle(pool: Pool, conversation: Conversation, worker: Member, message: MessageEnvelope, now: number) {
  const named = (id: string | undefined): Forward | undefined =>
    id === undefined ? undefined : pool.ring.find(conversation, id);
  const receipted = named(message.receipt);
  if (receipted?.progressOf(worker) === 'open') end(pool, worker, receipted, 'received', now);
  if (!message.signal) {
    const meant = named(message.refersTo);
    const replied = meant ?? pool.ring.oldestOf(worker, conversation);
    if (replied !== undefined) end(pool, worker, replied, 'over', now);
    else if (receipted === undefined) endForgotten(pool, worker, now);
  } else if (message.receipt !== undefined && receipted === undefined) {
    endForgotten(pool, worker, now);
  }
}

/** Notes the worker's progress; in flight falls if nothing had ended this one before. */
export function progress(pool: Pool, worker: Member, forward: Forward, to: 'received' | 'over', now: number): void {
  const { sentAt } = forward;
  if (pool.ring.advance(forward, worker, to)) worker.answered(sentAt, now);
}

/** What a worker has answered need not be sent again. */
function end(pool: Pool, worker: Member, forward: Forward, to: 'received' | 'over', now: number): void {
  if (forward.progressOf(worker) === 'over') return;
  progress(pool, worker, forward, to, now);
  pool.ring.release(forward);
}

/** What is in flight beyond what is remembered was forgotten for want of room: one of those ends. */
function endForgotten(pool: Pool, worker: Member, now: number): void {
  if (worker.inFlight(now) > pool.ring.openOf(worker)) worker.answeredOne(now);
}
