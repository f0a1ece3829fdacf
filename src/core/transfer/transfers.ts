import { domainOf } from '../address/jid.ts';
import type { IqResponseEnvelope } from '../envelope.ts';
import type { ErrorCode } from '../errors/errors.ts';
import { eligible, type Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import { AccessList } from '../pool/rules/access.ts';
import { PatternMap } from '../pool/rules/pattern-map.ts';
import type { Service } from '../service.ts';
import { type Destination, formatDestination, sameServer } from './destination.ts';
import { Mover, type MoverHooks } from './mover.ts';
import { RuleGuard } from './rule-guard.ts';
import { Run, type RunPlan } from './run.ts';
import type { TransferSettings } from './settings.ts';
import { ServerBook } from './whereabouts.ts';

/** Runs that may go on at once, that of the rules not counted. */
const runningMost = 8;
/** Runs that are over and remembered, and the workers in them. */
const rememberedRuns = 20;
const rememberedMoves = 20_000;
/** Workers that rules move at once, and those of them that are remembered. */
const rulesAtOnce = 20;
const rulesRemembered = 200;

const rulesPlan: RunPlan = {
  scenario: 'rules',
  about: 'members that belong on another server (transfers.rules)',
  batch: rulesAtOnce,
  sliding: true,
  pace: 0,
  maxLost: Number.POSITIVE_INFINITY,
  quota: Number.POSITIVE_INFINITY,
  remember: rulesRemembered,
};

/** What the settings of transfers come to. */
interface Rules {
  readonly settings: TransferSettings;
  readonly trusted: AccessList;
  readonly servers: ServerBook;
  readonly homes: PatternMap<Destination>;
}

/** A worker's session with its membership in every pool. */
export interface Session {
  readonly jid: string;
  readonly members: readonly Member[];
}

/** Connection transfers (XEP-0051): what operators run, and what the rules of the configuration ask for. */
export class Transfers {
  readonly #service: Service;
  readonly #mover: Mover;
  readonly #guard = new RuleGuard();
  readonly #runs: Run[] = [];
  readonly #byRule: Run;
  #read: Rules;
  #lastId = 0;

  constructor(service: Service, newId: () => string, hooks: Omit<MoverHooks, 'trusts'>) {
    this.#service = service;
    this.#read = rulesOf(service.settings.transfers);
    this.#mover = new Mover(service, newId, { trusts: (jid) => this.#rules.trusted.allows(jid), ...hooks });
    this.#byRule = new Run('rules', rulesPlan, this.#mover, (jid) => this.#canSpare(jid), 0);
  }

  /** What the settings come to that are in force now. */
  get #rules(): Rules {
    const { transfers } = this.#service.settings;
    if (this.#read.settings !== transfers) this.#read = rulesOf(transfers);
    return this.#read;
  }

  /** All runs that are remembered, the newest first; the one of the rules last. */
  get runs(): readonly Run[] {
    return [...this.#runs.toReversed(), this.#byRule];
  }

  get mover(): Mover {
    return this.#mover;
  }

  run(id: string): Run | undefined {
    return this.runs.find((run) => run.id === id);
  }

  /** Every session that works in a pool, in the order of pools and joins. */
  sessions(pools: Iterable<Pool> = this.#service.pools.values()): readonly Session[] {
    const sessions = new Map<string, Member[]>();
    for (const pool of pools) {
      for (const member of pool.roster) {
        // Where a pool of another domain is attached is not for this one to say.
        if (member.far !== undefined) continue;
        const known = sessions.get(member.jid);
        if (known === undefined) sessions.set(member.jid, [member]);
        else known.push(member);
      }
    }
    return [...sessions].map(([jid, members]) => ({ jid, members }));
  }

  /** The sessions that are on `server`, as far as that is known. */
  on(server: Destination): readonly Session[] {
    return this.sessions().filter(({ jid, members }) => this.#rules.servers.isOn(jid, members, server));
  }

  /** The sessions on a host: those on the server of this name, and those whose accounts are of this domain. */
  ofHost(host: Destination): readonly Session[] {
    const { servers } = this.#rules;
    return this.sessions().filter(
      ({ jid, members }) => servers.isOn(jid, members, host) || domainOf(jid) === formatDestination(host),
    );
  }

  /** Starts a run over `sessions`, or says why not. */
  start(plan: RunPlan, sessions: readonly Session[], to: Destination | undefined, now: number): Run | ErrorCode {
    const free = sessions.filter(({ jid }) => !this.#mover.moves(jid) && !this.#runs.some((run) => run.holds(jid)));
    if (free.length === 0) return 'transfer-nobody';
    if (this.#runs.filter(({ state }) => state === 'running').length >= runningMost) return 'transfer-busy';
    this.#lastId += 1;
    const run = new Run(String(this.#lastId), plan, this.#mover, (jid) => this.#canSpare(jid), now);
    for (const { jid } of free) run.add(jid, to);
    this.#runs.push(run);
    this.#forgetRuns();
    this.#note(run, 'transfer-run-started', `transfers begin: ${plan.about}`);
    run.tick(now);
    return run;
  }

  cancel(run: Run, now: number): void {
    if (run === this.#byRule) return;
    run.cancel(now);
    this.#note(run, 'transfer-run-cancelled', `transfers are cancelled: ${run.plan.about}`);
  }

  /** A worker joined, or said something new. */
  heard(pool: Pool, member: Member, joined: boolean, now: number): void {
    this.#mover.heard(member, joined, now);
    if (joined) this.#place(pool, member, now);
  }

  left(member: Member): void {
    this.#mover.left(member);
  }

  answer(response: IqResponseEnvelope, now: number): boolean {
    return this.#mover.answer(response, now);
  }

  linkUp(now: number): void {
    this.#mover.linkUp(now);
  }

  linkDown(): void {
    this.#mover.linkDown();
  }

  tick(now: number): void {
    this.#mover.tick(now);
    this.#byRule.tick(now);
    for (const run of this.#runs) {
      const open = run.endedAt === undefined;
      if (!open) continue;
      run.tick(now);
      if (run.endedAt !== undefined) this.#noteEnd(run);
    }
  }

  /** Told on join where it belongs, unless it is there already (XEP-0051, scenario 2). */
  #place(pool: Pool, member: Member, now: number): void {
    const home = this.#rules.homes.get(member.jid);
    if (home === undefined || this.#mover.moves(member.jid) || this.#byRule.holds(member.jid)) return;
    const known = this.#rules.servers.of(member.jid, [member]);
    if (known !== undefined && sameServer(known.server, home)) return;
    if (!this.#guard.allows(member.jid, now)) {
      this.#service.out.event('transfer-guarded', pool.settings.name);
      return;
    }
    this.#byRule.add(member.jid, home);
    this.#byRule.tick(now);
  }

  /**
   * The last worker of a pool that can take work stays while others of that pool are on their way:
   * they will be back.
   */
  #canSpare(jid: string): boolean {
    for (const pool of this.#service.pools.values()) {
      const member = pool.roster.get(jid);
      if (member === undefined || !eligible(member)) continue;
      if (pool.candidates.size === 1 && this.#mover.movesIn(pool.settings.name)) return false;
    }
    return true;
  }

  #forgetRuns(): void {
    let moves = 0;
    for (let at = this.#runs.length - 1, kept = 0; at >= 0; at -= 1) {
      const run = this.#runs[at];
      if (run === undefined) continue;
      moves += run.moves.length;
      kept += 1;
      if (run.endedAt !== undefined && (kept > rememberedRuns || moves > rememberedMoves)) this.#runs.splice(at, 1);
    }
  }

  #noteEnd(run: Run): void {
    const others = run.moves.length - run.count('moved');
    this.#note(
      run,
      `transfer-run-${run.state}`,
      `transfers are over (${run.state}): ${run.plan.about}; ${run.count('moved')} moved, ${others} did not follow`,
    );
  }

  #note(run: Run, event: string, text: string): void {
    const detail = { run: run.id, moved: run.count('moved'), begun: run.moves.length, waiting: run.waiting };
    const level = run.state === 'stopped' ? 'error' : 'info';
    this.#service.out.notice({ level, event, pool: undefined, text, detail });
  }
}

function rulesOf(settings: TransferSettings): Rules {
  return {
    settings,
    trusted: new AccessList(settings.workers),
    servers: new ServerBook(settings.servers),
    homes: new PatternMap(
      settings.rules.flatMap(({ members, server }) => members.map((pattern) => [pattern, server] as const)),
    ),
  };
}
