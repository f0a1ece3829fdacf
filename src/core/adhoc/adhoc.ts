import type { CommandHouse } from '../commands/command.ts';
import type { IqRequest, IqRequestEnvelope } from '../envelope.ts';
import type { ErrorCode } from '../errors/errors.ts';
import type { Outcome } from '../outcome/outcome.ts';
import { refuse } from '../outcome/refuse.ts';
import type { Pool } from '../pool/pool.ts';
import type { Service } from '../service.ts';
import type { StageAction } from './actions.ts';
import { commandAt } from './discovery.ts';
import { keepFilled } from './filling.ts';
import { type Session, Sessions } from './sessions.ts';
import { Stages, type Visit } from './stages.ts';

type Asked = IqRequest & { name: 'command' };

const stageActions: readonly StageAction[] = ['prev', 'next', 'complete'];

/** Operators' commands as ad-hoc commands (XEP-0050), at the service and at its pools. */
export class AdHoc {
  readonly #service: Service;
  readonly #sessions: Sessions;
  readonly #stages: Stages;

  /** @param newId Makes ids that nobody can guess. */
  constructor(service: Service, newId: () => string, house: () => Omit<CommandHouse, 'caller'>) {
    this.#service = service;
    this.#sessions = new Sessions(newId);
    this.#stages = new Stages(service, house, this.#sessions);
  }

  /** Sessions that are open. */
  get open(): number {
    return this.#sessions.open;
  }

  tick(now: number): void {
    this.#sessions.tick(now);
  }

  /**
   * The outcome, or `undefined` when it is counted later: when the command is done.
   * @param pool The pool that was written to; the sender may know of it.
   */
  on(request: IqRequestEnvelope, asked: Asked, pool: Pool | undefined, now: number): Outcome | undefined {
    const visit = this.#visit(request, asked, pool, now);
    if (typeof visit === 'string') return refuse(this.#service.out, request, visit);
    const { offers } = visit.session;
    if (asked.session === undefined) return this.#stages.begin(visit);
    if (asked.action === 'cancel') return this.#stages.cancel(visit);
    const wanted = asked.action === 'execute' ? offers[0] : asked.action;
    const action = offers.find((each) => each === wanted);
    return action === undefined
      ? refuse(this.#service.out, request, 'adhoc-bad-action')
      : this.#stages.go(visit, action);
  }

  /** Who asks for what, in which session; or why that cannot be (XEP-0050 section 4.5). */
  #visit(request: IqRequestEnvelope, asked: Asked, pool: Pool | undefined, now: number): Visit | ErrorCode {
    const { from: jid, to: address } = request;
    const permitted = commandAt(this.#service, jid, asked.node, pool);
    if (typeof permitted === 'string') return permitted;
    const problem = malformed(asked);
    if (problem !== undefined) return problem;
    const { caller, command } = permitted;
    this.#sessions.tick(now);
    const known = asked.session === undefined ? undefined : this.#known(asked.session, { jid, address, command }, now);
    if (typeof known === 'string') return known;
    // What comes back with a page is the page: nobody has filled in anything.
    const form = known?.stage === 'pages' || asked.form === 'malformed' ? undefined : asked.form;
    const filled = form && keepFilled(form);
    if (form !== undefined && filled === undefined) return 'adhoc-bad-payload';
    const session = known ?? this.#sessions.begin({ jid, address, command }, caller.role === 'admin', now);
    return session === undefined ? 'adhoc-full' : { request, caller, pool, session, filled, now };
  }

  #known(id: string, opening: Pick<Session, 'jid' | 'address' | 'command'>, now: number): Session | ErrorCode {
    const session = this.#sessions.use(id, opening, now);
    if (session === 'expired') return 'adhoc-session-expired';
    if (session === 'unknown') return 'adhoc-bad-session';
    return session.busy ? 'adhoc-busy' : session;
  }
}

/** What is wrong with a request as such. */
function malformed({ action, form, session }: Asked): ErrorCode | undefined {
  const known = action === 'execute' || action === 'cancel' || stageActions.some((each) => each === action);
  if (!known) return 'adhoc-malformed-action';
  if (form === 'malformed') return 'adhoc-bad-payload';
  return session === undefined && action !== 'execute' ? 'adhoc-bad-action' : undefined;
}
