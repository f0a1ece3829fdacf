import type { Config } from '../../config/config.ts';
import type { CommandResult, ServiceDesk } from '../../core/commands/command.ts';
import { routerOf } from '../../core/commands/overview.ts';
import { commands } from '../../core/commands/perform.ts';
import type { InstanceStatus } from '../../core/commands/service-status.ts';
import type { ReadinessReason } from '../../http/routes.ts';
import type { SharedDatabase } from '../../store/shared.ts';
import { idleLink } from '../process/gauges.ts';
import type { Premises } from '../process/premises.ts';
import type { Keeper } from './keeper.ts';
import { secondsText, viewText } from './view-text.ts';
import { WarmView } from './warm-view.ts';

/** Answers for a process whose router does not run: who is active, how old that view is, and what is wrong. */
export class StandbyDesk {
  readonly #config: Config;
  readonly #premises: Premises;
  readonly #keeper: Keeper;
  readonly #warm: WarmView;
  readonly #database: SharedDatabase;
  readonly #instance: () => InstanceStatus;

  constructor(
    config: Config,
    premises: Premises,
    keeper: Keeper,
    database: SharedDatabase,
    instance: () => InstanceStatus,
  ) {
    this.#config = config;
    this.#premises = premises;
    this.#keeper = keeper;
    this.#instance = instance;
    this.#database = database;
    this.#warm = new WarmView(database);
  }

  /** From now on metrics and commands are answered from here, as far as there is no router. */
  open(): void {
    const { metrics, desk, counts, delay } = this.#premises;
    desk.open({
      driver: this.#config.store.driver,
      link: () => false,
      counts,
      store: () => this.#keeper.problem === undefined,
      instance: this.#instance,
      metrics,
      delay,
      readiness: () => this.unready(false),
    });
    metrics.setGaugeSource('pools', () => []);
    metrics.setGaugeSource('transfers', () => ({}));
    metrics.setGaugeSource('link', () => idleLink(counts));
    metrics.setGaugeSource('store', () => ({ pendingRows: 0, failures: counts.storeFailures }));
  }

  /** Looks at what is stored, now and then. */
  turn(): void {
    this.#warm.turn(this.#keeper.now());
  }

  /** @param routes Whether a router runs. */
  unready(routes: boolean): readonly ReadinessReason[] {
    const { problem, tenure } = this.#keeper;
    const reasons: ReadinessReason[] = [];
    if (problem !== undefined) reasons.push({ code: 'store-failed', text: problem.message });
    if (tenure.phase === 'unsure') {
      const text = `${this.unsureText()} Durable messages are refused, plain pools go on${this.#bearable()}.`;
      reasons.push({
        code: 'lease-unsure',
        text: `${text} Look whether the database runs and can be reached from here.`,
      });
    }
    if (!routes) reasons.push({ code: 'standby', text: this.#standing() });
    return reasons;
  }

  perform(name: string): CommandResult {
    const { desk } = this.#premises;
    switch (name) {
      case 'service.overview': {
        const router = routerOf({ about: this.#config.service, desk });
        return { done: { at: new Date().toISOString(), router, pools: [], text: this.#standing() } };
      }
      case 'service.reload':
        return { later: desk.reload() };
      case 'service.shutdown':
        return shutDown(desk);
      default:
        return commands.has(name)
          ? { refused: 'standing-by', text: `This instance stands by. ${this.#active()} ${this.#advice()}` }
          : { refused: 'command-unknown' };
    }
  }

  /** What is not known of an instance whose router runs, and since when. */
  unsureText(): string {
    const { place } = this.#database;
    const { seenAt, phase } = this.#keeper.tenure;
    if (phase === 'ending') return 'This instance gives its place up already, and stands by then.';
    const silent = secondsText(this.#keeper.now() - seenAt);
    return `The database (${place}) has not confirmed for ${silent} that this instance is the active one.`;
  }

  /** How long a router goes on that is not sure. */
  #bearable(): string {
    const { holdover } = this.#config.standby;
    return this.#keeper.tenure.others.length === 0
      ? ', for as long as it takes, as no other instance was alive'
      : `, for ${secondsText(holdover)} at most (standby.holdover), as another instance may be active by then`;
  }

  #standing(): string {
    const { counts } = this.#warm;
    const held =
      counts === undefined
        ? ''
        : ` Read ${secondsText(this.#keeper.now() - counts.at)} ago: ${counts.members} workers in ${counts.pools} pools.`;
    return `This instance stands by. ${this.#active()}${held}`;
  }

  /** What to do with a command that this instance does not take. */
  #advice(): string {
    const { problem, tenure } = this.#keeper;
    const { view } = tenure;
    const other = view !== undefined && view.until > view.now && view.owner !== this.#keeper.id;
    if (problem !== undefined) return `The database cannot be asked now: ${problem.message}`;
    return other ? 'Give it the command.' : 'Give the command again when one is active.';
  }

  #active(): string {
    const { view, seenAt } = this.#keeper.tenure;
    return viewText(view, this.#keeper.now() - seenAt, this.#keeper.id);
  }
}

function shutDown(desk: Pick<ServiceDesk, 'shutdown'>): CommandResult {
  desk.shutdown();
  return { done: { ends: true, text: 'This instance, which stands by, ends.' } };
}
