import type { LabEvent, StoredTally } from './events.ts';

/** One coming of a message to a worker. */
export interface Coming {
  readonly at: number;
  readonly worker: string;
  /** Address of the pool that gave it. */
  readonly pool: string;
  readonly stanzaId: string | undefined;
  readonly attempt: number | undefined;
  /** When the worker's time for it is over; grows by extensions. */
  deadline: number;
  acknowledged: number | undefined;
  rejected: number | undefined;
}

/** All that the logs say of one message. */
export interface History {
  readonly id: string;
  sender: string;
  seq: number;
  sent: number | undefined;
  /** Sent more than once under one origin-id. */
  again: boolean;
  queued: number | undefined;
  readonly receipts: number[];
  readonly bounces: number[];
  readonly comings: Coming[];
  /** In the store at the end. */
  stored: 'open' | 'dead' | undefined;
}

/** A time in which something was broken; `to` is Infinity while it is. */
export interface Span {
  readonly from: number;
  to: number;
}

/** The logs, in order by message. */
export interface Account {
  readonly histories: ReadonlyMap<string, History>;
  /** Times in which anything at all was broken that all messages may meet. */
  readonly faults: readonly Span[];
  /** Times in which a worker was away. */
  readonly absences: ReadonlyMap<string, readonly Span[]>;
  readonly answers: readonly { readonly to: string; readonly id: string; readonly sender: string }[];
  /** Messages that came from another address than their sender's. */
  readonly misaddressed: readonly string[];
  /** Texts that came changed. */
  readonly garbled: readonly string[];
  /** Of each store. */
  readonly tallies: readonly StoredTally[];
}

/** @param ackTimeout Milliseconds that a worker has for a message that does not say. */
export function accountOf(events: readonly LabEvent[], ackTimeout: number): Account {
  const book = new Book(ackTimeout);
  for (const event of events) book.enter(event);
  return book;
}

class Book implements Account {
  readonly histories = new Map<string, History>();
  readonly faults: Span[] = [];
  readonly absences = new Map<string, Span[]>();
  readonly answers: { to: string; id: string; sender: string }[] = [];
  readonly misaddressed: string[] = [];
  readonly garbled: string[] = [];
  readonly tallies: StoredTally[] = [];
  readonly #ackTimeout: number;
  readonly #broken = new Map<string, Span>();

  constructor(ackTimeout: number) {
    this.#ackTimeout = ackTimeout;
  }

  enter(event: LabEvent): void {
    switch (event.kind) {
      case 'fault':
      case 'healed':
        this.#fault(event);
        break;
      case 'gone':
      case 'back':
        this.#absence(event);
        break;
      case 'stored':
        for (const id of event.open) this.#historyOf(id).stored = 'open';
        for (const id of event.dead) this.#historyOf(id).stored = 'dead';
        break;
      case 'tally':
        this.tallies.push(event.tally);
        break;
      case 'garbled':
        this.garbled.push(event.text);
        break;
      case 'answer':
        this.answers.push({ to: event.who, id: event.id, sender: event.sender });
        break;
      case 'sent':
      case 'queued':
      case 'receipt':
      case 'bounce':
        this.#heard(event, this.#historyOf(event.id));
        break;
      case 'got':
        this.#came(event);
        break;
      case 'acknowledged':
      case 'rejected':
      case 'extended':
        this.#worked(event);
        break;
      case 'finished':
        break;
    }
  }

  #fault({ kind, what, at }: LabEvent & { readonly kind: 'fault' | 'healed' }): void {
    const known = this.#broken.get(what);
    if (kind === 'healed') {
      if (known !== undefined) known.to = at;
      return;
    }
    const span = { from: at, to: Number.POSITIVE_INFINITY };
    this.#broken.set(what, span);
    this.faults.push(span);
  }

  #absence({ kind, who, at }: LabEvent & { readonly kind: 'gone' | 'back' }): void {
    const spans = this.absences.get(who) ?? [];
    this.absences.set(who, spans);
    const last = spans.at(-1);
    const isAway = last?.to === Number.POSITIVE_INFINITY;
    if (kind === 'gone' && !isAway) spans.push({ from: at, to: Number.POSITIVE_INFINITY });
    if (kind === 'back' && isAway) last.to = at;
  }

  #heard(event: LabEvent & { readonly kind: 'sent' | 'queued' | 'receipt' | 'bounce' }, history: History): void {
    switch (event.kind) {
      case 'sent':
        history.sender = event.who;
        history.seq = event.seq;
        history.sent ??= event.at;
        history.again ||= event.again;
        break;
      case 'queued':
        history.queued ??= event.at;
        break;
      case 'receipt':
        history.receipts.push(event.at);
        break;
      case 'bounce':
        history.bounces.push(event.at);
        break;
    }
  }

  #came(event: LabEvent & { readonly kind: 'got' }): void {
    const { id, at, who: worker, stanzaId, attempt, from, sender, allowed = this.#ackTimeout } = event;
    const pool = from.split('/', 1)[0] ?? '';
    const coming = { at, worker, pool, stanzaId, attempt, deadline: at + allowed };
    this.#historyOf(id).comings.push({ ...coming, acknowledged: undefined, rejected: undefined });
    if (!from.endsWith(`/${sender}`)) this.misaddressed.push(id);
  }

  #worked(event: LabEvent & { readonly kind: 'acknowledged' | 'rejected' | 'extended' }): void {
    const { id, who, at, kind } = event;
    const coming = this.#historyOf(id).comings.findLast(({ worker }) => worker === who);
    if (coming === undefined) return;
    if (kind === 'acknowledged') coming.acknowledged ??= at;
    else if (kind === 'rejected') coming.rejected ??= at;
    else coming.deadline = Math.max(coming.deadline, at + event.by);
  }

  #historyOf(id: string): History {
    const known = this.histories.get(id) ?? newHistory(id);
    this.histories.set(id, known);
    return known;
  }
}

function newHistory(id: string): History {
  return {
    id,
    sender: '',
    seq: 0,
    sent: undefined,
    again: false,
    queued: undefined,
    receipts: [],
    bounces: [],
    comings: [],
    stored: undefined,
  };
}
