import type { InstanceView, LeaseView } from '../../store/shared.ts';
import type { Log } from '../../telemetry/log.ts';
import type { EndReason } from './decision.ts';
import type { Keeper } from './keeper.ts';
import type { Phase } from './tenure.ts';
import { instanceText, ownerText, secondsText, viewText } from './view-text.ts';

/** Texts that are remembered, so that none is told twice of one fault. */
const mostProblems = 16;

const endings: Readonly<Record<EndReason, string>> = {
  lost: 'another instance has the lease: this one stops, and stands by',
  unsure: 'the database was not reached for too long, and another instance may be active: this one closes its link',
};

/** Tells the log each change of role, once, with the reason, and each change of what is wrong with the database. */
export class RoleLog {
  readonly #log: Log;
  readonly #keeper: Pick<Keeper, 'id' | 'tenure' | 'problem' | 'now'>;
  #phase: Phase = 'connecting';
  #problem: string | undefined;
  /** What was told since the database was well: a beat and a connection that time out in turn are two texts for one fault. */
  readonly #problems = new Set<string>();
  #since: number;
  /** The lease as it was before this instance took it. */
  #before: LeaseView | undefined;
  #told: string | undefined;
  /** The last owner that was seen alive: who ends takes his name with him. */
  #owner: InstanceView | undefined;
  #takeovers = 0;
  #epoch = 0;

  constructor(log: Log, keeper: Pick<Keeper, 'id' | 'tenure' | 'problem' | 'now'>) {
    this.#log = log;
    this.#keeper = keeper;
    this.#since = performance.now();
  }

  /** How often this instance became the active one. */
  get takeovers(): number {
    return this.#takeovers;
  }

  /** Looks what has changed. */
  look(): void {
    this.#lookAtDatabase();
    const { phase, view } = this.#keeper.tenure;
    if (view !== undefined) this.#lookAtEpoch(view);
    if (phase !== this.#phase) this.#changed(phase, this.#phase);
    if (phase !== 'standing-by' || view === undefined) return;
    this.#before = view;
    this.#owner = view.instances.find(({ id }) => id === view.owner) ?? this.#owner;
    this.#standsBy(view);
  }

  /** @param took Milliseconds from the claim to the router that runs. */
  begun(epoch: number, took: number): void {
    this.#takeovers += 1;
    const why = reasonOf(this.#before, this.#owner);
    this.#told = undefined;
    const fields = { event: 'role', role: 'active', epoch, tookMs: Math.round(took) };
    this.#log.logger.info(
      fields,
      `this instance is the active one now (epoch ${epoch}): ${why}; ready in ${secondsText(took)}`,
    );
  }

  ends(why: EndReason): void {
    const { epoch } = this.#keeper.tenure;
    this.#log.logger.warn({ event: 'role', role: 'ending', reason: why, epoch }, endings[why]);
  }

  #changed(phase: Phase, before: Phase): void {
    const { logger } = this.#log;
    const lasted = this.#keeper.now() - this.#since;
    this.#phase = phase;
    this.#since = this.#keeper.now();
    if (phase === 'unsure') {
      const text = 'the database has not confirmed the lease in time: durable messages are refused until it does';
      logger.warn({ event: 'role', role: 'unsure' }, text);
    } else if (phase === 'active' && before === 'unsure') {
      logger.info({ event: 'role', role: 'active' }, `the lease is confirmed again, after ${secondsText(lasted)}`);
    } else if (phase === 'handing-over') {
      logger.info({ event: 'role', role: 'handing-over' }, 'the place of the active instance is being handed over');
    }
  }

  /** Told when it begins to stand by, and when another becomes active. */
  #standsBy(view: LeaseView): void {
    const active = view.until > view.now ? ownerText(view) : undefined;
    if (active === undefined || this.#told === active) return;
    this.#told = active;
    const fields = { event: 'role', role: 'standby', epoch: view.epoch };
    this.#log.logger.info(fields, `this instance stands by: ${viewText(view, 0, this.#keeper.id)}`);
  }

  /** Epochs only grow; where one is smaller it is another database, or an older state of it. */
  #lookAtEpoch({ epoch }: LeaseView): void {
    const before = this.#epoch;
    this.#epoch = epoch;
    if (epoch >= before) return;
    const text = `the database was made anew, or an older copy was put in its place (epoch ${before}, now ${epoch}): messages that were accepted since are not in it`;
    this.#log.logger.error({ event: 'database-replaced', before, epoch }, text);
  }

  #lookAtDatabase(): void {
    const { logger } = this.#log;
    const problem = this.#keeper.problem?.message;
    if (problem === this.#problem) return;
    this.#problem = problem;
    if (problem === undefined) {
      this.#problems.clear();
      logger.info({ event: 'database-back' }, 'the database answers again');
      return;
    }
    if (this.#problems.size >= mostProblems) this.#problems.clear();
    const level = this.#problems.has(problem) ? 'debug' : 'error';
    this.#problems.add(problem);
    logger[level]({ event: 'database-unusable', problem: this.#keeper.problem?.kind }, problem);
  }
}

function reasonOf(before: LeaseView | undefined, known: InstanceView | undefined): string {
  const owner = known !== undefined && known.id === before?.owner ? instanceText(known) : before && ownerText(before);
  if (before === undefined || owner === undefined) return 'there was none before';
  if (before.handover !== undefined) return `${owner} handed over`;
  return before.until === 0 ? `${owner} gave its place back` : `the lease of ${owner} ran out`;
}
