import type { StoredConversation } from '../../durable-state.ts';

/** That a pool gave a sender's message to a worker: the licence to answer him. */
export interface Conversation {
  /** Tells it from every other, as long as this process lives. */
  readonly serial: number;
  readonly pool: string;
  /** The sender's exact JID. */
  readonly sender: string;
  /** The address that stands for the sender before workers: his proxy or his alias. */
  proxy: string;
  /** Full JID of the worker that had the last message; a bare JID after a restart; `''` before the first. */
  worker: string;
  /** The address behind a static member that its last answer came from; absent before one came. */
  answeredFrom?: string;
  /** Epoch milliseconds of the last forward; 0 before the first. */
  at: number;
  /** Epoch milliseconds of the last write to the store; 0 when never written. */
  storedAt: number;
  /** How many more messages go on without a mark of their way (`withTrail`). */
  unmarked: number;
  /** How many went so after the last mark; -1 for a sender who passes on what he gets. */
  gap: number;
}

/** What a conversation costs beside its two names, in bytes: the record, the heads of the strings, a place in a table. */
const overhead = 256;

interface Generations {
  young: Map<string, Conversation>;
  old: Map<string, Conversation>;
}

/**
 * Who wrote to which pool of late: bounded, for all pools together. Two generations stand in
 * for an LRU list: a hit in the old one moves up, and when the young one holds half of the
 * bound, the old one is forgotten. A hit costs one look-up and no allocation.
 */
export class Conversations {
  readonly #pools = new Map<string, Generations>();
  #half: number;
  #young = 0;
  #forgotten = 0;
  #opened = 0;

  /** @param bound Bytes for the conversations of all pools. */
  constructor(bound: number) {
    this.#half = bound / 2;
  }

  /** Sets another bound, in bytes; what is beyond a lower one is forgotten as new conversations come. */
  resize(bound: number): void {
    this.#half = bound / 2;
  }

  /** Ends all conversations with `pool`. */
  forgetPool(pool: string): void {
    for (const conversation of this.#pools.get(pool)?.young.values() ?? []) this.#young -= costOf(conversation);
    this.#pools.delete(pool);
  }

  /**
   * Looks up again what stands for each sender before the workers of `pool`. One for whom nothing
   * can stand without an introduction is forgotten: his next message brings one about.
   */
  readdress(pool: string, addressOf: (sender: string) => string | undefined): void {
    const generations = this.#pools.get(pool);
    for (const conversation of [...(generations?.old.values() ?? []), ...(generations?.young.values() ?? [])]) {
      const proxy = addressOf(conversation.sender);
      // In two steps, as what it costs changes.
      this.forget(pool, conversation.sender);
      if (proxy === undefined || generations === undefined) continue;
      conversation.proxy = proxy;
      this.#insert(generations, conversation);
    }
  }

  /** Conversations that were forgotten because the table was full. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** The conversation of `sender` with `pool`, if it is remembered. */
  find(pool: string, sender: string): Conversation | undefined {
    const generations = this.#pools.get(pool);
    if (generations === undefined) return undefined;
    const young = generations.young.get(sender);
    if (young !== undefined) return young;
    const old = generations.old.get(sender);
    if (old === undefined) return undefined;
    generations.old.delete(sender);
    this.#insert(generations, old);
    return old;
  }

  /** Begins a conversation, or returns the one there is. */
  open(pool: string, sender: string, proxy: string): Conversation {
    const known = this.find(pool, sender);
    if (known !== undefined) return known;
    this.#opened += 1;
    const fresh: Conversation = {
      serial: this.#opened,
      pool,
      sender,
      proxy,
      worker: '',
      at: 0,
      storedAt: 0,
      unmarked: 0,
      gap: 0,
    };
    this.#insert(this.#generations(pool), fresh);
    return fresh;
  }

  /** Ends the conversation of `sender` with `pool`: he may not be answered any more. */
  forget(pool: string, sender: string): void {
    const generations = this.#pools.get(pool);
    const young = generations?.young.get(sender);
    if (young !== undefined) this.#young -= costOf(young);
    generations?.young.delete(sender);
    generations?.old.delete(sender);
  }

  /** Takes in what an earlier process stored. */
  restore(conversation: Conversation, stored: StoredConversation): void {
    conversation.worker = stored.worker;
    conversation.at = stored.at;
    conversation.storedAt = stored.at;
  }

  #generations(pool: string): Generations {
    let generations = this.#pools.get(pool);
    if (generations === undefined) {
      generations = { young: new Map(), old: new Map() };
      this.#pools.set(pool, generations);
    }
    return generations;
  }

  #insert(generations: Generations, conversation: Conversation): void {
    const cost = costOf(conversation);
    if (this.#young + cost > this.#half) this.#rotate();
    generations.young.set(conversation.sender, conversation);
    this.#young += cost;
  }

  #rotate(): void {
    for (const generations of this.#pools.values()) {
      this.#forgotten += generations.old.size;
      generations.old = generations.young;
      generations.young = new Map();
    }
    this.#young = 0;
  }
}

/** Names are short or printable ASCII, which takes a byte a character. */
function costOf({ sender, proxy }: Conversation): number {
  return overhead + sender.length + proxy.length;
}
