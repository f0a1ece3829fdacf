import type { Caller, CommandEnd, CommandHouse, CommandResult } from '../commands/command.ts';
import type { Field } from '../commands/field.ts';
import { currentOf, inputRefusal, perform } from '../commands/perform.ts';
import type { IqRequestEnvelope } from '../envelope.ts';
import { errors } from '../errors/errors.ts';
import { ownCopy } from '../memory/own-copy.ts';
import { faultNotice } from '../outcome/fault-notice.ts';
import { answered, dropped, type Outcome } from '../outcome/outcome.ts';
import { refuse } from '../outcome/refuse.ts';
import type { Pool } from '../pool/pool.ts';
import type { CommandAnswer, CommandNote } from '../requests/answer.ts';
import type { Service } from '../service.ts';
import type { StageAction } from './actions.ts';
import { askingForm, confirmingForm, isConfirmed, type Problem, problemText } from './asking.ts';
import { type DoneAnswer, doneAnswers } from './done.ts';
import { askedFields, givenWith, namesAnother } from './filling.ts';
import type { Filled } from './form.ts';
import { type Cursor, firstCursor, isPaged, pageInput, pageSize } from './paging.ts';
import type { Session, Sessions } from './sessions.ts';

/** One request for a command, by somebody who may give it. */
export interface Visit {
  readonly request: IqRequestEnvelope;
  readonly caller: Caller;
  /** The pool that was written to. */
  readonly pool: Pool | undefined;
  readonly session: Session;
  /** What he has filled in, if anything. */
  readonly filled: Filled | undefined;
  readonly now: number;
}

type Refused = Extract<CommandEnd, { readonly refused: unknown }>;

/** Takes a command through its stages: it is asked for what it wants to know, confirmed, given, and its answer shown. */
export class Stages {
  readonly #service: Service;
  readonly #house: () => Omit<CommandHouse, 'caller'>;
  readonly #sessions: Sessions;

  constructor(service: Service, house: () => Omit<CommandHouse, 'caller'>, sessions: Sessions) {
    this.#service = service;
    this.#house = house;
    this.#sessions = sessions;
  }

  /** The first request. What needs no answer to do its work runs at once; so does what is sent with all that is needed. */
  begin(visit: Visit): Outcome | undefined {
    const { command } = visit.session;
    const asked = this.#asked(visit);
    if (command.current !== undefined && visit.filled === undefined) return this.#askWithCurrent(visit);
    const atOnce = asked.length === 0 || (command.reads === true && !asked.some(({ required }) => required));
    return atOnce || visit.filled !== undefined ? this.#submit(visit) : this.#ask(visit, undefined);
  }

  /** A further request: one of what the session offers. */
  go(visit: Visit, action: StageAction): Outcome | undefined {
    const { session, filled } = visit;
    const { following, trail } = session;
    switch (session.stage) {
      case 'subject':
        session.filled = filled ?? new Map();
        session.subject = filled?.get('pool')?.join('').trim();
        return this.#askWithCurrent(visit);
      case 'form':
        if (action === 'prev') return this.#askSubject(visit, undefined);
        return this.#submit(visit);
      case 'confirm':
        if (action === 'prev') return this.#ask(visit, undefined);
        return isConfirmed(filled ?? new Map())
          ? this.#perform(visit, [])
          : this.#confirm(visit, 'Nothing is done before you say that you mean it. Say so, or cancel.');
      case 'pages':
        if (action === 'next' && following !== undefined) return this.#perform(visit, [...trail, following]);
        if (action === 'prev') return this.#perform(visit, trail.slice(0, -1));
        return this.#complete(visit, []);
    }
  }

  /** Asks with what stands now filled in; first for the pool, where that is not known. */
  #askWithCurrent(visit: Visit): Outcome | undefined {
    const { session, caller } = visit;
    const subject = subjectOf(visit);
    if (subject === undefined) return this.#askSubject(visit, undefined);
    const current = currentOf(this.#house(), session.command, caller, subject);
    if (current === undefined || 'refused' in current) {
      session.subject = undefined;
      const code = current?.refused ?? 'internal';
      const problem = { field: 'pool', text: current?.text ?? errors[code].text };
      if (visit.pool === undefined) return this.#askSubject(visit, problem);
      return this.#complete(visit, [{ type: 'error', text: problemText(problem, session.command.fields) }]);
    }
    session.filled = current;
    return this.#ask(visit, undefined);
  }

  /** Asks for the pool alone. */
  #askSubject(visit: Visit, problem: Problem | undefined): Outcome {
    const { session } = visit;
    const { command } = session;
    const asked = command.fields.filter(({ name }) => name === 'pool');
    const text = problem && problemText(problem, asked);
    if (session.subject !== undefined) session.filled = new Map([['pool', [session.subject]]]);
    session.subject = undefined;
    session.stage = 'subject';
    session.offers = ['next'];
    return this.#send(visit, 'executing', notesOf(text), [askingForm(command, asked, session.filled, text)]);
  }

  /** Takes what was filled in. */
  #submit(visit: Visit): Outcome | undefined {
    const { session, filled = new Map() } = visit;
    const { command } = session;
    const subject = subjectOf(visit);
    session.filled = filled;
    if (namesAnother(filled, subject)) {
      return this.#ask(visit, { field: 'pool', text: 'Write to that pool, or to the service.' });
    }
    const given = givenWith(command, filled, subject);
    if (command.destroys === undefined) return this.#perform(visit, [firstCursor(given)]);
    const refusal = inputRefusal(command, given);
    return refusal === undefined ? this.#confirm(visit, undefined) : this.#refused(visit, refusal);
  }

  #ask(visit: Visit, problem: Problem | undefined): Outcome {
    const { session } = visit;
    const { command, filled } = session;
    const asked = this.#asked(visit);
    const text = problem && problemText(problem, asked);
    session.stage = 'form';
    const onward = command.destroys === undefined ? 'complete' : 'next';
    session.offers = session.subject === undefined ? [onward] : [onward, 'prev'];
    return this.#send(visit, 'executing', notesOf(text), [askingForm(command, asked, filled, text)]);
  }

  #confirm(visit: Visit, problem: string | undefined): Outcome {
    const { session } = visit;
    const asked = this.#asked(visit);
    session.stage = 'confirm';
    session.offers = asked.length === 0 ? ['complete'] : ['complete', 'prev'];
    const form = confirmingForm(session.command, asked, session.filled, problem);
    return this.#send(visit, 'executing', notesOf(problem), [form]);
  }

  /** Gives the command. @param trail The pages up to the one that is wanted. */
  #perform(visit: Visit, trail: readonly Cursor[]): Outcome | undefined {
    const { session, caller, now } = visit;
    const { command, filled } = session;
    session.trail = trail;
    const given = givenWith(command, filled, subjectOf(visit));
    const cursor = trail.at(-1);
    const page = cursor !== undefined && isPaged(command) ? pageInput(command, cursor, pageSize(given['limit'])) : {};
    const result = perform(this.#house(), command.name, caller, { ...given, ...page }, now);
    if ('later' in result) {
      this.#wait({ ...visit, request: lightened(visit) }, result);
      return undefined;
    }
    return this.#finish(visit, result);
  }

  /** Answers when the command is done; its outcome is counted then. */
  #wait(visit: Visit, { later }: Extract<CommandResult, { readonly later: unknown }>): void {
    const { session, request, pool } = visit;
    const { out } = this.#service;
    session.busy = true;
    void later.then((end) => {
      session.busy = false;
      const name = pool?.settings.name;
      let outcome: Outcome;
      try {
        outcome = this.#finish(visit, end);
      } catch (error) {
        out.notice(faultNotice(request, name, error));
        outcome = refuse(out, request, 'internal');
      }
      out.outcome(outcome, name);
    });
  }

  #finish(visit: Visit, end: CommandEnd): Outcome {
    return 'done' in end ? this.#tell(visit, end.done) : this.#refused(visit, end);
  }

  /** What can be mended is asked for again; all else is the end of it (XEP-0050 section 4.4). */
  #refused(visit: Visit, { refused: code, field, text = errors[code].text }: Refused): Outcome {
    const { session } = visit;
    const asked = this.#asked(visit);
    const problem = { field, text };
    const mendable = asked.length > 0 && (code === 'command-input' || asked.some(({ name }) => name === field));
    if (mendable && session.stage !== 'pages') return this.#ask(visit, problem);
    return this.#complete(visit, [{ type: 'error', text: problemText(problem, session.command.fields) }]);
  }

  /** Shows an answer, as much of it as goes into a stanza. */
  #tell(visit: Visit, done: object): Outcome {
    const { session, request } = visit;
    const open = this.#sessions.isOpen(session);
    for (const answer of doneAnswers(session, done, open)) {
      const outcome = this.#tellOnce(visit, answer);
      if (outcome !== undefined) return outcome;
    }
    this.#sessions.end(session);
    return refuse(this.#service.out, request, 'too-large');
  }

  #tellOnce(visit: Visit, { notes, forms, page, following }: DoneAnswer): Outcome | undefined {
    const { session } = visit;
    session.stage = 'pages';
    session.following = following;
    session.offers =
      following === undefined ? [] : [...onward, ...(session.trail.length > 1 ? (['prev'] as const) : [])];
    const status = following === undefined ? 'completed' : 'executing';
    const sent = this.#service.out.answer(visit.request, this.#answerOf(session, status, notes, forms, page));
    if (sent === 'too-large') return undefined;
    if (following === undefined) this.#sessions.end(session);
    return sent === 'sent' ? answered : dropped('link-down');
  }

  #complete(visit: Visit, notes: readonly CommandNote[]): Outcome {
    this.#sessions.end(visit.session);
    return this.#send(visit, 'completed', notes, []);
  }

  /** Ends the session because its caller wants so (XEP-0050 section 3.4.3). */
  cancel(visit: Visit): Outcome {
    this.#sessions.end(visit.session);
    return this.#send(visit, 'canceled', [], []);
  }

  #send(
    visit: Visit,
    status: CommandAnswer['status'],
    notes: readonly CommandNote[],
    forms: CommandAnswer['forms'],
  ): Outcome {
    const { out } = this.#service;
    const { request, session } = visit;
    const sent = out.answer(request, this.#answerOf(session, status, notes, forms, undefined));
    if (sent === 'sent') return answered;
    // Every request is answered (RFC 6120 8.2.3), if only to say that its answer is too long.
    return sent === 'too-large' ? refuse(out, request, 'too-large') : dropped('link-down');
  }

  #answerOf(
    { id, command, offers }: Session,
    status: CommandAnswer['status'],
    notes: readonly CommandNote[],
    forms: CommandAnswer['forms'],
    page: CommandAnswer['page'],
  ): CommandAnswer & { readonly name: 'command' } {
    const actions = status === 'executing' ? offers : [];
    return { name: 'command', node: command.name, session: id, status, actions, notes, forms, page };
  }

  #asked(visit: Visit): readonly Field<unknown>[] {
    return askedFields(visit.session.command, subjectOf(visit));
  }
}

/** The pool that it is about, if that is settled: the one that was written to, or that was asked for by itself. */
function subjectOf({ pool, session }: Visit): string | undefined {
  return pool?.settings.name ?? session.subject;
}

/** Longer payloads do not go back with an error. */
const returned = 4_096;
/** On a page that is not the last. */
const onward = ['next', 'complete'] as const;

/**
 * What is needed of a request to answer it later, in memory of its own: as many may wait as there are
 * sessions, whatever `limits.memory`, so that operators are heard when it is used up.
 */
function lightened({ request, session }: Visit): IqRequestEnvelope {
  const { from, to, id, payload } = request;
  return {
    kind: 'iq-request',
    type: 'set',
    from,
    to,
    id: id && ownCopy(id),
    request: { name: 'command', node: session.command.name, session: session.id, action: 'execute', form: undefined },
    payload: payload.length > returned ? '' : ownCopy(payload),
  };
}

function notesOf(problem: string | undefined): readonly CommandNote[] {
  return problem === undefined ? [] : [{ type: 'error', text: problem }];
}
