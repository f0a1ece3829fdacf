import { bareOf } from '../address/jid.ts';
import { Memo } from '../memory/memo.ts';
import type { MemoryBudget } from '../memory/memory.ts';
import { ownCopy } from '../memory/own-copy.ts';
import { hashText } from '../select/hash.ts';

/** Bounds of a pool's queue. */
export interface QuotaBounds {
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** What one account may have of either, more than 0 to 1. */
  readonly perSender: number;
}

/** Whether one more message is taken. `sender-share`: this account has its share of the queue. */
export type Admission = 'ok' | 'queue-full' | 'sender-share';

/** What a sender costs beside his JID, in bytes: the record, the head of a string, a place in a table. */
const overhead = 160;
/** Counts that those share for whom there is no memory. */
const lumps = 256;
/** Senders whose account is remembered; of all pools together. */
const accountsMost = 1_024;
/** Copies, and each the same string for as long as it is remembered: no slice to be compared letter by letter. */
const accounts = new Memo(accountsMost, (sender) => ownCopy(bareOf(sender)));

/** What somebody has in the queue, or those have together who share a count. */
export interface Holding {
  /** The account, or one of those who share it. */
  readonly account: string;
  messages: number;
  bytes: number;
}

/**
 * How much of a pool's queue is taken, and by whom: what was accepted and is not over, waiting or
 * with a worker. An account has at most its share of the bounds, however empty the queue is, so that what it
 * may do does not depend on others; one message it always may have. Within the memory each account
 * counts by itself; when that is used up, those who come new share some counts by their hash.
 */
export class Quota {
  readonly #memory: MemoryBudget;
  readonly #senders = new Map<string, Holding>();
  readonly #lumps = new Map<number, Holding>();
  readonly #all: Holding = { account: '', messages: 0, bytes: 0 };
  #bounds: QuotaBounds;
  /** Who was asked for last, and the count of his account, if it has one: a message that is admitted is taken next. */
  #lastSender = '';
  #lastHolding: Holding | undefined;

  /** @param memory For the accounts that have something in the queue. */
  constructor(bounds: QuotaBounds, memory: MemoryBudget) {
    this.#bounds = bounds;
    this.#memory = memory;
  }

  /** Messages in the queue. */
  get messages(): number {
    return this.#all.messages;
  }

  /** Their bytes. */
  get bytes(): number {
    return this.#all.bytes;
  }

  /** Accounts that count by themselves. */
  get senders(): number {
    return this.#senders.size;
  }

  /** Sets other bounds. What is there beyond them stays; nothing more is taken until it fits. */
  resize(bounds: QuotaBounds): void {
    this.#bounds = bounds;
  }

  /**
   * Whether a message of `bytes` may come in. The share is looked at first: who has it shall not push others out.
   * @param sender Any JID: its account counts.
   */
  admits(sender: string, bytes: number): Admission {
    const { maxMessages, maxBytes, perSender } = this.#bounds;
    const account = accounts.of(sender);
    const own = this.#senders.get(account);
    this.#lastSender = sender;
    this.#lastHolding = own;
    const { messages, bytes: taken } = own ?? this.#lumpFor(account) ?? nothing;
    const overShare = messages + 1 > maxMessages * perSender || taken + bytes > maxBytes * perSender;
    if (messages > 0 && perSender < 1 && overShare) return 'sender-share';
    const full = this.#all.messages + 1 > maxMessages || this.#all.bytes + bytes > maxBytes;
    return full ? 'queue-full' : 'ok';
  }

  /** Counts a message that came in, whether it was admitted or not; returns where. */
  take(sender: string, bytes: number): Holding {
    const last = sender === this.#lastSender ? this.#lastHolding : undefined;
    const holding = last ?? this.#holdingFor(accounts.of(sender));
    this.#count(holding, 1, bytes);
    return holding;
  }

  /** A message of `sender` is over that was counted, who knows where. */
  give(sender: string, bytes: number): void {
    const account = bareOf(sender);
    // One that came to count by itself has its own before what it shares.
    const holding = this.#senders.get(account) ?? this.#lumpFor(account);
    if (holding !== undefined) this.giveFrom(holding, bytes);
  }

  /** The same of one that was counted in `holding`. */
  giveFrom(holding: Holding, bytes: number): void {
    this.#all.messages -= 1;
    this.#all.bytes -= bytes;
    holding.messages -= 1;
    // Of what was restored the bytes of each are an estimate.
    holding.bytes = Math.max(0, holding.bytes - bytes);
    if (holding.messages > 0) return;
    if (holding === this.#lastHolding) this.#lastHolding = undefined;
    const { account } = holding;
    if (this.#senders.get(account) === holding) {
      this.#senders.delete(account);
      this.#memory.give(costOf(account));
    } else if (this.#lumps.get(lumpOf(account)) === holding) {
      this.#lumps.delete(lumpOf(account));
    }
  }

  /**
   * Takes in what an earlier process left. How many bytes each sender has is not stored: all count as of the same length.
   * @param bytes Of all messages together.
   */
  restore(bytes: number, senders: readonly { readonly sender: string; readonly open: number }[]): void {
    const open = senders.reduce((sum, sender) => sum + sender.open, 0);
    if (open === 0) return;
    // The whole is exact, whatever the parts are rounded to.
    const total = this.#all.bytes + bytes;
    for (const { sender, open: messages } of senders)
      this.#count(this.#holdingFor(accounts.of(sender)), messages, (bytes * messages) / open);
    this.#all.bytes = total;
  }

  #count(holding: Holding, messages: number, bytes: number): void {
    holding.messages += messages;
    holding.bytes += bytes;
    this.#all.messages += messages;
    this.#all.bytes += bytes;
  }

  /** What counts what comes of this account: its own, which is made if there is none. */
  #holdingFor(account: string): Holding {
    return this.#senders.get(account) ?? this.#newHolding(account);
  }

  /** What counts for this account and those that share it. */
  #lumpFor(account: string): Holding | undefined {
    return this.#lumps.size === 0 ? undefined : this.#lumps.get(lumpOf(account));
  }

  #newHolding(account: string): Holding {
    const holding: Holding = { account, messages: 0, bytes: 0 };
    if (this.#memory.take(costOf(account))) {
      this.#senders.set(holding.account, holding);
      return holding;
    }
    const lump = this.#lumps.get(lumpOf(account)) ?? holding;
    this.#lumps.set(lumpOf(account), lump);
    return lump;
  }
}

const nothing: Pick<Holding, 'messages' | 'bytes'> = { messages: 0, bytes: 0 };

function lumpOf(sender: string): number {
  return hashText(sender) % lumps;
}

function costOf(sender: string): number {
  return overhead + 2 * sender.length;
}
