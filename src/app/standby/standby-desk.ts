import type { Config } from '../../config/config.ts';
import type { CommandResult, ServiceDesk } from '../../core/commands/command.ts';
import { routerOf } from '../../core/commands/overview.ts';
import { commands } from '../../core/commands/perform.ts';
import type { InstanceStatus } from '../../core/commands/service-status.ts';
import type { ReadinessReason } from '../../http/routes.ts';
import type { SharedDatabase } from '../../store/shared.ts';
import { idleLink } from '../gauges.ts';
import type { Premises } from '../premises.ts';
import type { Keeper } from './keeper.ts';
import { secondsText, viewText } from './view-text.ts';
import { WarmView } from './warm-view.ts';

/** Answers for a process whose router does not run: who is active, how old that view is, and what is wrong. */
export class StandbyDesk {
  readonly #config: Config;
  readonly #premises: Premises;
  readonly #keeper: Keeper;
  readonly #warm: WarmView;
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
      const text = 'The database has not confirmed the lease in time: durable messages are refused.';
      reasons.push({ code: 'lease-unsure', text });
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
          ? { refused: 'standing-by', text: `This instance stands by. ${this.#active()} Give it the command.` }
          : { refused: 'command-unknown' };
    }
  }

  #standing(): string {
    const { counts } = this.#warm;
    const held =
      counts === undefined
        ? ''
        : ` Read ${secondsText(this.#keeper.now() - counts.at)} ago: ${counts.members} workers in ${counts.pools} pools.`;
    return `This instance stands by. ${this.#active()}${held}`;
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
