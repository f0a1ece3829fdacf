import type { Config } from '../../config/config.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { Caller, CommandEnd, CommandResult } from '../../core/commands/command.ts';
import type { InstanceStatus } from '../../core/commands/service-status.ts';
import type { ReadinessReason } from '../../http/routes.ts';
import type { SharedDatabase } from '../../store/shared.ts';
import type { InstanceGauges } from '../../telemetry/metric-sources.ts';
import { type Listeners, Premises } from '../process/premises.ts';
import type { Stage } from '../process/stage.ts';
import type { MadeBook } from '../reload/made-book.ts';
import type { Running } from '../running.ts';
import type { Decision } from './decision.ts';
import { fingerprintOf } from './fingerprint.ts';
import { Keeper } from './keeper.ts';
import { Likeness } from './likeness.ts';
import { RoleLog } from './role-log.ts';
import { StandbyDesk } from './standby-desk.ts';
import { Terms } from './terms.ts';
import { instanceText } from './view-text.ts';

const whenSure =
  'Give the command again once /readyz says no more that the lease is unsure, or stop the process: then another takes over when the lease has run out.';

/** Whom it runs for, and what it keeps there. */
interface SharedSurroundings {
  readonly listeners: Listeners;
  readonly book: MadeBook;
  /** Told with what a router runs, once one does. */
  readonly rebase: (loaded: LoadedConfig) => void;
}

/** Runs routers on a database that others share: one after the other, each as long as this instance is the active one. */
export class SharedRun implements Stage, Running {
  readonly loaded: LoadedConfig;
  readonly #database: SharedDatabase;
  readonly #premises: Premises;
  readonly #keeper: Keeper;
  readonly #terms: Terms;
  readonly #desk: StandbyDesk;
  readonly #log: RoleLog;
  readonly #likeness: Likeness;
  #http: string | undefined;
  #stopping = false;
  /** One after the other: a router has ended before the next begins. */
  #work: Promise<void> = Promise.resolve();

  constructor(loaded: LoadedConfig, database: SharedDatabase, { listeners, book, rebase }: SharedSurroundings) {
    const { name, lease, holdover } = loaded.config.standby;
    this.loaded = loaded;
    this.#database = database;
    this.#premises = new Premises(loaded.config, listeners);
    const { id } = database;
    this.#keeper = new Keeper(
      name,
      database,
      { id, lease, holdover },
      { decided: (decision) => this.#decided(decision), heard: () => this.#heard() },
    );
    this.#log = new RoleLog(listeners.log, this.#keeper);
    this.#likeness = new Likeness(fingerprintOf(loaded), database, listeners.log);
    const begun = (whole: LoadedConfig): void => rebase(whole);
    const instance = (): InstanceStatus => this.instance();
    this.#terms = new Terms(loaded, {
      database,
      book,
      premises: this.#premises,
      keeper: this.#keeper,
      begun,
      instance,
    });
    this.#desk = new StandbyDesk(loaded.config, this.#premises, this.#keeper, database, instance);
  }

  get http(): string | undefined {
    return this.#http;
  }

  /** Listens, and begins to stand by. Throws `ListenError`. */
  async start(): Promise<void> {
    const { config } = this.loaded;
    this.#desk.open();
    this.#premises.metrics.setGaugeSource('instance', () => this.#gauges());
    this.#http = await this.#premises.open(this);
    this.#premises.log.logger.info(
      { http: this.#http, instance: config.standby.name, id: this.#database.id, database: this.#database.place },
      `Switchyard ${config.service.version} runs, and asks the database whether it is the active instance`,
    );
    this.#keeper.start();
  }

  apply(next: LoadedConfig): void {
    this.#likeness.become(fingerprintOf(next));
    this.#terms.apply(next);
  }

  countReload(result: 'done' | 'failed'): void {
    this.#premises.metrics.reload(result);
  }

  perform(name: string, caller: Caller, given: Readonly<Record<string, unknown>>): CommandResult {
    return this.#terms.current?.perform(name, caller, given) ?? this.#desk.perform(name);
  }

  unready(): readonly ReadinessReason[] {
    const own = this.#terms.current?.unready() ?? [];
    const others = this.#desk.unready(this.#terms.current !== undefined);
    return [...own, ...others.filter(({ code }) => !own.some((each) => each.code === code))];
  }

  remarks(): readonly ReadinessReason[] {
    return this.#likeness.texts.map((text) => ({ code: 'configuration-differs', text }));
  }

  /** Which instance this is. */
  instance(): InstanceStatus {
    return this.#keeper.status((id) => this.#likeness.differencesTo(id));
  }

  tick(): void {
    this.#terms.current?.tick();
    if (this.#keeper.tenure.phase === 'standing-by') this.#desk.turn();
  }

  sum(): void {
    this.#terms.current?.sum();
  }

  /** Gives the place of the active instance to another, in order. */
  stepDown(): CommandEnd {
    const { tenure } = this.#keeper;
    // Who follows is settled by the ids, whichever of them was heard last.
    const [next] = [...tenure.others].sort((a, b) => (a.id < b.id ? -1 : 1));
    if (tenure.phase === 'handing-over') return { refused: 'command-busy', text: 'It is being done already.' };
    if (tenure.phase !== 'active' || !this.#keeper.sure()) {
      const text = `${this.#desk.unsureText()} So nobody can be asked to follow. ${whenSure}`;
      return { refused: 'not-stepped-down', text };
    }
    if (next === undefined) {
      return {
        refused: 'not-stepped-down',
        text: `No other instance is alive in ${this.#database.place}, so nobody would follow. Start one there with the same configuration.`,
      };
    }
    this.#handOver();
    const text = `${instanceText(next)} follows; this instance stands by as soon as that one has taken over.`;
    return { done: { follows: next.name, text } };
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#keeper.tenure.retire();
    const { tenure } = this.#keeper;
    // Whoever stands by takes over without a gap.
    if (tenure.others.length > 0 && this.#keeper.sure() && tenure.phase === 'active') this.#handOver();
    if (tenure.phase === 'handing-over') await this.#terms.over(this.#drainTimeout);
    await this.#work;
    await this.#terms.end('shutdown');
    this.#premises.stopTime();
    await this.#keeper.stop();
    await this.#database.close().catch(() => undefined);
    await this.#premises.close();
  }

  get #drainTimeout(): Config['drainTimeout'] {
    return this.loaded.config.drainTimeout;
  }

  #gauges(): InstanceGauges {
    return this.#keeper.gauges(this.#log.takeovers, this.#likeness.texts.length);
  }

  #heard(): void {
    this.#log.look();
    // So that a change of role is seen when it comes, whoever asks and when.
    this.instance();
    const { view, others } = this.#keeper.tenure;
    if (view !== undefined && !this.#stopping) this.#likeness.look(view, others);
  }

  #handOver(): void {
    this.#keeper.tenure.handOver();
    this.#log.look();
    this.#do(() => this.#terms.handOver());
  }

  #decided(decision: Decision): void {
    switch (decision.do) {
      case 'begin':
        this.#do(() => this.#begin(decision.epoch));
        break;
      case 'end':
        this.#log.ends(decision.why);
        this.#do(() => this.#terms.end(decision.why));
        break;
      case 'yield':
        this.#do(() => this.#terms.yield());
        break;
      case 'prepare':
        this.#terms.prepare();
        break;
      case 'unprepare':
        this.#do(() => this.#terms.unprepare());
    }
  }

  async #begin(epoch: number): Promise<void> {
    if (this.#stopping) return;
    const since = performance.now();
    if (await this.#terms.begin(epoch)) this.#log.begun(epoch, performance.now() - since);
    else this.#desk.open();
  }

  #do(act: () => Promise<void>): void {
    this.#work = this.#work.then(act).then(() => {
      if (this.#terms.current === undefined) this.#desk.open();
      this.#log.look();
    });
  }
}
