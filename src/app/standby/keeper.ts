import type { InstanceStatus } from '../../core/commands/service-status.ts';
import { StoreError } from '../../store/error.ts';
import type { LeaseView, SharedDatabase } from '../../store/shared.ts';
import type { InstanceGauges } from '../../telemetry/metric-sources.ts';
import { DatabaseClock } from './database-clock.ts';
import type { Decision } from './decision.ts';
import type { Call } from './lease-call.ts';
import type { LeaseSettings } from './lease-rules.ts';
import { Tenure } from './tenure.ts';

/** How often time passes for the tenure, in milliseconds. */
const turnEvery = 25;
/** How long a claim may take, in milliseconds: it may bring the tables up to this version. */
const claimLimit = 60_000;

/** What a keeper tells. */
export interface KeeperSink {
  /** Comes in order, and does not wait for what it begins. */
  decided(decision: Decision): void;
  /** Something was said to the database, or could not be. */
  heard(): void;
}

/** Says to the database what the tenure has to say, and tells what follows from the answers. */
export class Keeper {
  /** What operators call this instance. */
  readonly name: string;
  readonly tenure: Tenure;
  readonly clock: DatabaseClock;
  readonly #database: SharedDatabase;
  readonly #settings: LeaseSettings;
  readonly #sink: KeeperSink;
  readonly #steady: () => number;
  #timer: NodeJS.Timeout | undefined;
  #problem: StoreError | undefined;
  #stopped = false;
  #role: { readonly is: InstanceStatus['role']; readonly since: string } = {
    is: 'standby',
    since: new Date().toISOString(),
  };
  #underWay: Promise<void> = Promise.resolve();
  #released: () => void = () => undefined;

  constructor(
    name: string,
    database: SharedDatabase,
    settings: LeaseSettings,
    sink: KeeperSink,
    steady = (): number => performance.now(),
  ) {
    this.name = name;
    this.#database = database;
    this.#settings = settings;
    this.#sink = sink;
    this.#steady = steady;
    this.tenure = new Tenure(settings);
    this.clock = new DatabaseClock(steady);
  }

  /** What tells this instance from the others in the database. */
  get id(): string {
    return this.#settings.id;
  }

  /** Why the database could not be asked when that was tried last. */
  get problem(): StoreError | undefined {
    return this.#problem;
  }

  /**
   * Which instance this is, for operators.
   * @param differencesTo In what the configuration of another differs.
   */
  status(differencesTo: (id: string) => readonly string[]): InstanceStatus {
    const { epoch, others, view, seenAt } = this.tenure;
    const role = epoch === undefined ? 'standby' : 'active';
    if (role !== this.#role.is) this.#role = { is: role, since: new Date().toISOString() };
    return {
      name: this.name,
      id: this.#settings.id,
      role,
      epoch: epoch ?? null,
      since: this.#role.since,
      viewAge: view === undefined ? null : Math.round(this.#steady() - seenAt),
      others: others.map(({ name, id, role }) => ({ name, id, role, differs: differencesTo(id) })),
    };
  }

  /** The same for metrics. */
  gauges(takeovers: number, unlike: number): InstanceGauges {
    const { epoch, view, seenAt, sureUntil } = this.tenure;
    const now = this.#steady();
    return {
      active: epoch !== undefined,
      epoch: view?.epoch ?? 0,
      leaseLeft: this.sure() ? sureUntil - now : 0,
      viewAge: view === undefined ? undefined : now - seenAt,
      takeovers,
      unlike,
    };
  }

  now(): number {
    return this.#steady();
  }

  sure(): boolean {
    return this.tenure.sure(this.#steady());
  }

  mayAttach(): boolean {
    return this.tenure.mayAttach(this.#steady());
  }

  start(): void {
    this.#timer = setInterval(() => this.turn(), turnEvery);
    this.turn();
  }

  /** Resolves once nothing is said any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#underWay;
  }

  /** Gives the lease back. Resolves once that was said, or could not be. */
  release(): Promise<void> {
    if (this.tenure.epoch === undefined) return Promise.resolve();
    const released = new Promise<void>((resolve) => {
      this.#released = resolve;
    });
    this.tenure.release();
    this.turn();
    return released;
  }

  /** Lets time pass now. */
  turn(): void {
    if (this.#stopped) return;
    const now = this.#steady();
    this.#take(this.tenure.tick(now));
    const call = this.tenure.due(now);
    if (call !== undefined) this.#underWay = this.#give(call, now);
  }

  fenced(): void {
    this.#take(this.tenure.fenced());
  }

  async #give(call: Call, asked: number): Promise<void> {
    try {
      const view = await withLimit(this.#say(call), this.#limitOf(call), this.#database.place);
      this.#problem = undefined;
      const now = this.#steady();
      if (view === undefined) this.tenure.done(call);
      else {
        this.clock.note(view.now, asked, now);
        this.#take(this.tenure.answered(call, view, now));
      }
    } catch (error) {
      this.#problem = problemOf(error, this.#database.place);
      this.tenure.failed(call, this.#steady());
    }
    if (call.kind === 'release') this.#released();
    this.#sink.heard();
    this.turn();
  }

  #limitOf({ kind }: Call): number {
    return kind === 'claim' ? Math.max(claimLimit, this.#settings.lease) : this.#settings.lease;
  }

  async #say(call: Call): Promise<LeaseView | undefined> {
    const { lease } = this.#settings;
    switch (call.kind) {
      case 'beat':
        return this.#database.beat(call.epoch, lease);
      case 'claim':
        return this.#database.claim(lease);
      case 'release':
        await this.#database.release(call.epoch);
        return undefined;
      case 'ask':
      case 'ready':
        await this.#database.handOver(call.kind === 'ask' ? 'asked' : 'ready', call.epoch);
        return undefined;
    }
  }

  #take(decisions: readonly Decision[]): void {
    for (const decision of decisions) this.#sink.decided(decision);
  }
}

/** A database that says nothing is one that cannot be reached. */
async function withLimit<T>(answer: Promise<T>, limit: number, place: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const problem = `the database has not answered for ${(limit / 1_000).toFixed(1)} s.`;
      reject(new StoreError('unreachable', place, problem, 'Look whether it runs, and what it waits for.'));
    }, limit);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function problemOf(error: unknown, place: string): StoreError {
  if (error instanceof StoreError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new StoreError('io', place, `the database could not be asked: ${text}.`, 'See the log.');
}
