import { ConfigError } from '../../config/issue.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { InstanceStatus } from '../../core/commands/service-status.ts';
import { MemoryBudget } from '../../core/memory/memory.ts';
import { changesShare } from '../../core/memory/memory-shares.ts';
import { StoreError } from '../../store/error.ts';
import type { SharedDatabase } from '../../store/shared.ts';
import type { Store } from '../../store/store.ts';
import { within } from '../catch-up.ts';
import { linkSettings } from '../link-settings.ts';
import type { Premises } from '../process/premises.ts';
import type { MadeBook } from '../reload/made-book.ts';
import { Term } from '../term.ts';
import type { EndReason } from './decision.ts';
import { EarlyLink } from './early-link.ts';
import { GuardedStore } from './guarded-store.ts';
import type { Keeper } from './keeper.ts';

/** How long a router that has lost its place finishes what it has, in milliseconds. */
const lostLimit = 2_000;
/** How long workers may take to answer before a planned change goes on without them, in milliseconds. */
const answerLimit = 5_000;
/** How long an instance whose router could not begin claims nothing, in milliseconds. */
const pauseAfterFailure = 5_000;
/** Most that a message waits for the database to say whose a lease is that has run out, in milliseconds. */
const patienceMost = 2_000;
/** How long the lease may take to be given back as the process ends, in milliseconds. */
const releaseLimit = 2_000;

/** What routers are made of. */
export interface TermParts {
  readonly database: SharedDatabase;
  readonly book: MadeBook;
  readonly premises: Premises;
  readonly keeper: Keeper;
  /** Told with what a router runs. */
  readonly begun: (loaded: LoadedConfig) => void;
  /** Which instance this is. */
  readonly instance: () => InstanceStatus;
}

/** The routers of one process, one after the other. Calls come one after the other too. */
export class Terms {
  readonly #parts: TermParts;
  #loaded: LoadedConfig;
  #term: Term | undefined;
  #early: EarlyLink | undefined;
  #epoch = 0;
  #over: () => void = () => undefined;

  constructor(loaded: LoadedConfig, parts: TermParts) {
    this.#loaded = loaded;
    this.#parts = parts;
  }

  /** The router that runs. */
  get current(): Term | undefined {
    return this.#term;
  }

  /** Goes on with other settings, now or in the next router. */
  apply(next: LoadedConfig): void {
    this.#loaded = next;
    if (this.#term === undefined) this.#parts.premises.apply(next.config);
    else this.#term.apply(next.config);
  }

  /** Builds a router from what is stored. Whether it runs: if not, the lease was given back. */
  async begin(epoch: number): Promise<boolean> {
    const { database, keeper, premises } = this.#parts;
    const { logger } = premises.log;
    this.#epoch = epoch;
    const changes = new MemoryBudget(changesShare(this.#loaded.config.service.memory));
    let store: Store | undefined;
    try {
      store = await database.openStore(epoch, changes);
      await this.#build(epoch, store, changes);
      return true;
    } catch (error) {
      if (!(error instanceof StoreError) && !(error instanceof ConfigError)) throw error;
      logger.error({ event: 'not-begun', epoch }, `this instance could not become the active one: ${error.message}`);
      await store?.close();
      await this.unprepare();
      await this.#giveBack();
      keeper.tenure.ended(keeper.now(), pauseAfterFailure);
      return false;
    }
  }

  /** The router ends, because another has its place or it cannot ask, or with the process. */
  async end(why: EndReason | 'shutdown'): Promise<void> {
    const { keeper } = this.#parts;
    const term = this.#term;
    if (term !== undefined) {
      await term.end(why === 'shutdown' ? undefined : lostLimit);
      this.#term = undefined;
      if (why !== 'lost') await this.#giveBack();
      keeper.tenure.ended(keeper.now());
    }
    await this.unprepare();
    this.#over();
  }

  /** Settles what only this router can, and asks the one that stands by to follow. */
  async handOver(): Promise<void> {
    const { keeper } = this.#parts;
    await this.#term?.settle(answerLimit);
    keeper.tenure.ask(keeper.now());
  }

  /** Gives the place up: to the one that is ready, or to anybody. */
  async yield(): Promise<void> {
    const { database, keeper, premises } = this.#parts;
    const left = (await this.#term?.leave()) ?? [];
    this.#term = undefined;
    if (left.length > 0) {
      try {
        await database.keepUnrouted(this.#epoch, left);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        const text = `stanzas that came as the place was given up are lost: ${left.length}. ${why}`;
        premises.log.logger.error({ event: 'unrouted-lost', stanzas: left.length }, text);
      }
    }
    await this.#giveBack();
    // One that is ready goes first.
    const ready = keeper.tenure.view?.handover === 'ready';
    keeper.tenure.ended(keeper.now(), ready ? this.#loaded.config.standby.lease : 0);
    this.#over();
  }

  /** Resolves once the router has ended, or after `limit` milliseconds. */
  async over(limit: number): Promise<void> {
    if (this.#term === undefined) return;
    const ended = new Promise<void>((resolve) => {
      this.#over = resolve;
    });
    await within(limit, ended);
  }

  /** Makes the link before there is a router. */
  prepare(): void {
    const { keeper } = this.#parts;
    this.#early = new EarlyLink(
      linkSettings(this.#loaded.config),
      () => keeper.mayAttach(),
      () => keeper.tenure.prepared(),
    );
    this.#early.start();
  }

  async unprepare(): Promise<void> {
    const early = this.#early;
    this.#early = undefined;
    if (early === undefined) return;
    await early.link.stop();
    if (early.held === 0) return;
    const text = `a planned change of the active instance came to nothing: what the server gave this one meanwhile is lost (${early.held} bytes)`;
    this.#parts.premises.log.logger.error({ event: 'early-link-lost', bytes: early.held }, text);
  }

  async #build(epoch: number, opened: Store, changes: MemoryBudget): Promise<void> {
    const { database, book, premises, keeper, begun, instance } = this.#parts;
    const store = new GuardedStore(opened, {
      place: database.place,
      patience: Math.min(patienceMost, this.#loaded.config.standby.lease),
      sure: () => keeper.sure(),
      hopeful: () => keeper.problem === undefined,
      fenced: () => keeper.fenced(),
    });
    const snapshot = await store.load();
    book.open(store, snapshot.made);
    const whole = this.#loaded.withMade(book.all());
    const unrouted = await database.takeUnrouted(epoch);
    const sharing = {
      wall: () => keeper.clock.now(),
      mayAttach: () => keeper.mayAttach(),
      lost: ({ kind }: { readonly kind: string }) => {
        if (kind === 'conflict') keeper.tenure.contested(keeper.now());
      },
      instance,
      early: this.#early,
      unrouted,
    };
    const term = new Term(whole.config, { store, snapshot, changes, sharing }, premises);
    this.#early = undefined;
    this.#term = term;
    begun(whole);
    book.adopt(whole.taken, premises.log);
    term.start();
  }

  async #giveBack(): Promise<void> {
    const { keeper } = this.#parts;
    await within(releaseLimit, keeper.release());
  }
}
