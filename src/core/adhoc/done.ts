import type { Command } from '../commands/command.ts';
import type { CommandNote, PageInfo } from '../requests/answer.ts';
import type { DataForm } from './form.ts';
import { type Cursor, isPaged, type Page, pageOfAnswer, pageSize } from './paging.ts';
import { rowsOf, valueAt } from './reading.ts';
import type { Session } from './sessions.ts';
import { type Told, tellRows, tellValues } from './telling.ts';

/** Most rows that are shown of what a command did. */
const mostDone = 200;
/** Characters of a value that is shortened for want of room. */
const short = 1_000;
const shortest = 100;

/** What is shown of what a command has answered. */
export interface DoneAnswer {
  readonly notes: readonly CommandNote[];
  readonly forms: readonly DataForm[];
  readonly page: PageInfo | undefined;
  /** Where the next page begins, if there is one. */
  readonly following: Cursor | undefined;
}

/** How much of it: rows, and characters of each value. */
interface Measure {
  readonly rows: number;
  readonly longest: number;
}

/**
 * The answer of a session's command, then the same with less and less of it, for a stanza has a limit.
 * @param goesOn Whether the session is open, so that there may be a next page.
 */
export function* doneAnswers(session: Session, done: object, goesOn: boolean): Generator<DoneAnswer> {
  const { view } = session.command;
  const rows = isPaged(session.command) ? pageSize(session.filled.get('limit')?.[0]) : mostDone;
  for (const measure of measures(view.rows === undefined ? 1 : rows)) yield doneAnswer(session, done, goesOn, measure);
}

function* measures(rows: number): Generator<Measure> {
  yield { rows, longest: Number.POSITIVE_INFINITY };
  for (let count = rows; count > 0; count = Math.floor(count / 2)) yield { rows: count, longest: short };
  yield { rows: 1, longest: shortest };
}

function doneAnswer({ command, trail }: Session, done: object, goesOn: boolean, measure: Measure): DoneAnswer {
  const words = sentenceOf(done);
  if (isPaged(command))
    return pageAnswer(command, trail.at(-1) ?? { skip: 0, after: undefined }, done, goesOn, measure);
  const { view, reads } = command;
  const rows = view.rows === undefined ? [] : rowsOf(done, view.rows);
  const told =
    view.rows === undefined
      ? tellValues(command, done, words, measure.longest)
      : tellRows(command, rows.slice(0, measure.rows), words, false, measure.longest);
  const notes = notesOf(words === '' && reads !== true ? 'Done.' : words, told, hiddenNote(rows.length - measure.rows));
  return { notes, forms: told.forms, page: undefined, following: undefined };
}

function pageAnswer(command: Command, cursor: Cursor, done: object, goesOn: boolean, measure: Measure): DoneAnswer {
  const page = pageOfAnswer(command, cursor, done, measure.rows);
  const asks = goesOn && page.following !== undefined;
  const words = sentenceOf(done);
  const instructions = [words, rangeOf(cursor, page, asks)].filter((part) => part !== '').join(' ');
  const told = tellRows(command, page.rows, instructions, asks, measure.longest);
  return {
    notes: notesOf(page.rows.length === 0 && words === '' ? 'There is none.' : words, told),
    forms: told.forms,
    page: pageInfo(cursor, page),
    following: asks ? page.following : undefined,
  };
}

/** What sums an answer up, if it says so. */
function sentenceOf(done: object): string {
  const text = valueAt(done, 'text');
  return typeof text === 'string' ? text : '';
}

/** Which rows these are, unless they are all. */
function rangeOf({ skip }: Cursor, { rows, count, following }: Page, asks: boolean): string {
  if (skip === 0 && following === undefined) return '';
  const whole = count === undefined ? '' : ` of ${count}`;
  return `From ${skip + 1} to ${skip + rows.length}${whole}.${asks ? ' Next shows more.' : ''}`;
}

/** What programs are told of the page (XEP-0059), where it is known how long the list is. */
function pageInfo({ skip }: Cursor, { rows, count }: Page): PageInfo | undefined {
  if (count === undefined) return undefined;
  if (rows.length === 0) return { first: undefined, last: undefined, count };
  return { first: { id: String(skip), index: skip }, last: String(skip + rows.length - 1), count };
}

function hiddenNote(hidden: number): CommandNote[] {
  return hidden > 0 ? [{ type: 'warn', text: `Not shown: ${hidden} more.` }] : [];
}

function notesOf(words: string, told: Told, more: readonly CommandNote[] = []): readonly CommandNote[] {
  return [
    ...(words === '' ? [] : [{ type: 'info', text: words } as const]),
    ...more,
    ...(told.cut ? [{ type: 'warn', text: 'Values that are too long for one answer are cut.' } as const] : []),
  ];
}
