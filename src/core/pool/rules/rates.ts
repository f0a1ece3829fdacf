import { bareOf, domainOf } from '../../address/jid.ts';
import type { ErrorCode } from '../../errors/errors.ts';
import type { RateSettings } from '../../settings.ts';
import { TokenBuckets } from './token-buckets.ts';

/** That somebody was too fast. */
export interface OverRate {
  readonly code: Extract<ErrorCode, 'rate-sender' | 'rate-domain' | 'rate-worker' | 'fan-out'>;
  /** When to come back, in whole seconds; `undefined` when it would never get through. */
  readonly retryAfter: number | undefined;
}

/** How fast senders may write to one pool, and workers may answer (design.md, Access). */
export class Rates {
  readonly #senders: TokenBuckets | undefined;
  readonly #domains: TokenBuckets | undefined;
  readonly #workers: TokenBuckets | undefined;

  /** @param bytes Bound on what is remembered of everybody, together. */
  constructor({ perSender, perDomain, perWorker }: RateSettings, bytes: number) {
    const share = bytes / Math.max(1, [perSender, perDomain, perWorker].filter((rate) => rate !== undefined).length);
    this.#senders = perSender === undefined ? undefined : new TokenBuckets(perSender, share);
    this.#domains = perDomain === undefined ? undefined : new TokenBuckets(perDomain, share);
    this.#workers = perWorker === undefined ? undefined : new TokenBuckets(perWorker, share);
  }

  /** Counts `copies` written by `from`, full or bare, or says why not; then nothing is counted. */
  sender(from: string, copies: number, now: number): OverRate | undefined {
    if (copies === 0) return undefined;
    // Nothing is taken unless both let it pass: who is held by his domain leaves no trace of accounts that he makes up.
    const over = this.#refusal(from, copies, now);
    if (over !== undefined) return over;
    this.#domains?.take(domainOf(from), copies, now);
    this.#senders?.take(bareOf(from), copies, now);
    return undefined;
  }

  /**
   * Counts all copies of a message but the first, which was counted at the door. When it says why
   * not, the message will have to come again as a whole.
   */
  copies(from: string, all: number, now: number): OverRate | undefined {
    if (all === 1 || this.#refusal(from, all - 1, now) === undefined) return this.sender(from, all - 1, now);
    return this.#refusal(from, all, now);
  }

  /** Counts one message that the worker `jid` wants passed on, or says why not. */
  worker(jid: string, now: number): OverRate | undefined {
    const over = overRate('rate-worker', this.#workers?.wait(jid, 1, now));
    if (over === undefined) this.#workers?.take(jid, 1, now);
    return over;
  }

  #refusal(from: string, copies: number, now: number): OverRate | undefined {
    const domain = this.#domains?.wait(domainOf(from), copies, now);
    const sender = this.#senders?.wait(bareOf(from), copies, now);
    return overRate('rate-domain', domain) ?? overRate('rate-sender', sender);
  }
}

function overRate(code: OverRate['code'], wait: number | undefined): OverRate | undefined {
  if (wait === undefined || wait === 0) return undefined;
  if (wait === Number.POSITIVE_INFINITY) return { code: 'fan-out', retryAfter: undefined };
  return { code, retryAfter: Math.ceil(wait / 1_000) };
}
