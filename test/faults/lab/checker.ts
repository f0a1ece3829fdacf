import type { LabEvent, StoredTally } from './events.ts';
import { type Account, accountOf, type Coming, type History, type Span } from './history.ts';

/** What a run was to keep. */
export interface Terms {
  /**
   * `at-least-once`: what the pool said it had accepted has to end somewhere. `plain`: everything
   * sent counts as accepted, and what is lost is told.
   */
  readonly guarantee: 'plain' | 'at-least-once';
  /** Messages of one sender go one after the other. */
  readonly ordered: boolean;
  /** Whoever's message is a dead letter was told: nothing breaks on the way back to him. */
  readonly tellsOfDead: boolean;
  /** Whatever breaks is no reason to take a message from a worker that is there before its time is over. */
  readonly keepsLeases?: boolean;
  /** Milliseconds that a worker has for a message that does not say. */
  readonly ackTimeout: number;
  /** Milliseconds that something may be on its way, or wait for a busy machine. */
  readonly margin: number;
}

/** What became of all messages of a run. */
export interface Verdict {
  readonly sent: number;
  readonly accepted: number;
  /** A worker has acknowledged it (in a plain pool: has got it). */
  readonly done: number;
  /** Returned to the sender with an error, done by nobody, and not kept either. */
  readonly bounced: number;
  /** Waits in the store. */
  readonly open: number;
  readonly dead: number;
  /** Accepted, and nowhere: ids. */
  readonly lost: readonly string[];
  /** Neither accepted nor refused: ids. Whoever sends again until one of both has none. */
  readonly unheard: readonly string[];
  /** Times that a message came once more. */
  readonly repeats: number;
  /** What must not be, in words, `lost` too where it must not be. */
  readonly problems: readonly string[];
}

/** A deadline is told in whole seconds or read on another clock: how much earlier it may seem to be over, in milliseconds. */
const deadlineBlur = 1_000;

/**
 * Says what became of every message, from the logs of all parties: pure, and of no opinion about
 * how the router works. A message that came again needs a reason: its worker refused it, had no
 * time left or was away, or something was broken while it was in flight.
 */
export function check(events: readonly LabEvent[], terms: Terms): Verdict {
  const account = accountOf(events, terms.ackTimeout);
  const histories = [...account.histories.values()];
  const excuses = new Excuses(account, terms);
  const durable = terms.guarantee === 'at-least-once';
  const done = (history: History): boolean =>
    durable ? history.comings.some(({ acknowledged }) => acknowledged !== undefined) : history.comings.length > 0;
  const accepted = histories.filter((history) =>
    durable
      ? history.queued !== undefined || history.stored !== undefined || history.comings.length > 0
      : history.sent !== undefined,
  );
  const bounced = histories.filter(
    (history) => history.bounces.length > 0 && history.stored === undefined && !done(history),
  );
  const lost = accepted
    .filter((history) => !done(history) && history.bounces.length === 0 && history.stored === undefined)
    .map(({ id }) => id);
  const isAccepted = new Set(accepted);
  const unheard = histories
    .filter((history) => history.sent !== undefined && !isAccepted.has(history) && history.bounces.length === 0)
    .map(({ id }) => id);
  const problems = [
    ...account.misaddressed.map((id) => `${id} came to its worker from another address than its sender's`),
    ...account.garbled.map((text) => `a worker had a text that was changed on the way: ${text}`),
    ...foreignAnswers(account),
    ...account.tallies.flatMap(tallyProblems),
  ];
  if (durable) {
    problems.push(
      ...lost.map((id) => `${id} was accepted, and is lost`),
      ...histories.flatMap((history) => [
        ...repeatProblems(history, excuses),
        ...endingProblems(history, excuses),
        ...receiptProblems(history),
      ]),
      ...twins(histories),
    );
  }
  if (terms.tellsOfDead) {
    const untold = histories.filter(({ stored, bounces }) => stored === 'dead' && bounces.length === 0);
    problems.push(...untold.map(({ id }) => `${id} is dead, and its sender was not told`));
  }
  if (terms.ordered) problems.push(...orderProblems(histories));
  return {
    sent: histories.filter(({ sent }) => sent !== undefined).length,
    accepted: accepted.length,
    done: accepted.filter(done).length,
    bounced: bounced.length,
    open: histories.filter(({ stored }) => stored === 'open').length,
    dead: histories.filter(({ stored }) => stored === 'dead').length,
    lost,
    unheard,
    repeats: histories.reduce((sum, { comings }) => sum + Math.max(0, comings.length - 1), 0),
    problems,
  };
}

/** What was broken, and when. */
class Excuses {
  readonly margin: number;
  readonly #account: Account;
  readonly #keepsLeases: boolean;

  constructor(account: Account, { margin, keepsLeases = false }: Terms) {
    this.#account = account;
    this.margin = margin;
    this.#keepsLeases = keepsLeases;
  }

  /** Whether in this time something was broken, or had been a moment ago, for all or for this worker. */
  during(from: number, to: number, worker?: string): boolean {
    const absences = worker === undefined ? [] : (this.#account.absences.get(worker) ?? []);
    return this.#meets([...this.#account.faults, ...absences], from, to);
  }

  /** Whether this worker may have been relieved of what he had before his time was over. */
  relieved(from: number, to: number, worker: string): boolean {
    if (!this.#keepsLeases) return this.during(from, to, worker);
    return this.#meets(this.#account.absences.get(worker) ?? [], from, to);
  }

  /** Whether what a worker wrote at this time may never have come to the router, or not to its disk. */
  unheard({ worker }: Coming, at: number): boolean {
    return this.during(at, at + this.margin, worker);
  }

  #meets(spans: readonly Span[], from: number, to: number): boolean {
    return spans.some((span) => span.from <= to && from <= span.to + this.margin);
  }
}

function repeatProblems({ id, comings }: History, excuses: Excuses): string[] {
  return comings.slice(1).flatMap((next, index) => {
    const earlier = comings.slice(0, index + 1);
    const undone = earlier.find(
      (coming) =>
        coming.acknowledged !== undefined &&
        coming.acknowledged + excuses.margin < next.at &&
        !excuses.unheard(coming, coming.acknowledged),
    );
    if (undone !== undefined) return [`${id} came again though it had been acknowledged`];
    const before = earlier.at(-1);
    if (before === undefined || isOver(before, next.at, excuses)) return [];
    return [`${id} came again while ${before.worker} had it, with time left`];
  });
}

/** Whether a message may come again at this time, as far as its coming before is concerned. */
function isOver(before: Coming, at: number, excuses: Excuses): boolean {
  return (
    (before.rejected !== undefined && before.rejected <= at) ||
    (before.acknowledged !== undefined && before.acknowledged <= at && before.acknowledged + excuses.margin >= at) ||
    before.deadline - deadlineBlur <= at ||
    excuses.relieved(before.at, at, before.worker)
  );
}

/** A message that was acknowledged has one end, and is told of one. */
function endingProblems({ id, comings, bounces, stored }: History, excuses: Excuses): string[] {
  const [first, second] = bounces;
  const problems: string[] = [];
  if (first !== undefined && second !== undefined && !excuses.during(first, second)) {
    problems.push(`${id} was returned twice`);
  }
  for (const coming of comings) {
    const { acknowledged } = coming;
    if (acknowledged === undefined || excuses.unheard(coming, acknowledged)) continue;
    if (first !== undefined && acknowledged + excuses.margin < first) {
      problems.push(`${id} was returned though it had been acknowledged`);
    }
    if (stored !== undefined) problems.push(`${id} is still ${stored} though it was acknowledged`);
  }
  return problems;
}

function receiptProblems({ id, receipts, comings }: History): string[] {
  const acknowledged = Math.min(...comings.map((coming) => coming.acknowledged ?? Number.POSITIVE_INFINITY));
  return receipts.some((at) => at < acknowledged)
    ? [`${id}: the sender had a receipt before a worker acknowledged it`]
    : [];
}

/** An attempt of a pool is one worker's: the same one must not come twice. The pool before it calls the message the same. */
function twins(histories: readonly History[]): string[] {
  const seen = new Set<string>();
  return histories.flatMap(({ id, comings }) =>
    comings.flatMap(({ pool, stanzaId, attempt }) => {
      if (stanzaId === undefined || attempt === undefined) return [];
      const key = `${pool}:${stanzaId}:${attempt}`;
      if (seen.has(key)) return [`${id}: attempt ${attempt} of ${stanzaId} came twice`];
      seen.add(key);
      return [];
    }),
  );
}

/**
 * Of one sender a message comes only after the one before has ended. What was sent again has no
 * place that could be known: it may have been accepted at either time.
 */
function orderProblems(histories: readonly History[]): string[] {
  const bySender = new Map<string, History[]>();
  for (const history of histories) {
    if (history.sent === undefined || history.again || history.comings.length === 0) continue;
    bySender.set(history.sender, [...(bySender.get(history.sender) ?? []), history]);
  }
  return [...bySender.values()].flatMap((list) => {
    const inOrder = list.sort((a, b) => a.seq - b.seq);
    return inOrder.slice(1).flatMap((later, index) => {
      const earlier = inOrder[index];
      if (earlier === undefined || earlier.bounces.length > 0 || earlier.stored === 'dead') return [];
      const ended = Math.min(...earlier.comings.map(({ acknowledged }) => acknowledged ?? Number.POSITIVE_INFINITY));
      const came = Math.min(...later.comings.map(({ at }) => at));
      return came < ended ? [`${later.id} came before ${earlier.id} was done`] : [];
    });
  });
}

function foreignAnswers({ answers, histories }: Account): string[] {
  return answers.flatMap(({ to, id, sender }) =>
    sender === to && histories.get(id)?.sender === to ? [] : [`${to} has the answer to ${id} of ${sender}`],
  );
}

/** The store's books over all restarts. */
function tallyProblems({ accepted, acknowledged, bounced, purged, dead, open }: StoredTally): string[] {
  const ended = acknowledged + bounced + purged + dead + open;
  return accepted === ended
    ? []
    : [
        `the store accepted ${accepted}, and accounts for ${ended} ` +
          `(${acknowledged} acknowledged, ${bounced} bounced, ${purged} purged, ${dead} dead, ${open} open)`,
      ];
}

/** All that happened to one message, a line an event, in milliseconds since it was sent: for whoever looks for the reason. */
export function storyOf(events: readonly LabEvent[], id: string): string {
  const own = events.filter((event) => 'id' in event && event.id === id);
  const start = own[0]?.at ?? 0;
  const end = own.at(-1)?.at ?? 0;
  const around = events.filter(
    (event) => /^(fault|healed|gone|back)$/.test(event.kind) && event.at > start - 5_000 && event.at < end + 5_000,
  );
  return [...own, ...around]
    .sort((a, b) => a.at - b.at)
    .map(
      ({ at, kind, who, ...rest }) => `${(at - start).toFixed(1).padStart(9)} ${kind} ${who} ${JSON.stringify(rest)}`,
    )
    .join('\n');
}
