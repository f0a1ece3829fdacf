import type { Command } from '../commands/command.ts';
import { afterField } from '../commands/message-ids.ts';
import { limitField, skipField } from '../commands/paging.ts';
import { rowsOf, valueAt } from './reading.ts';

/** Rows of a page, unless the caller says how many. */
const usual = 50;
/** Most rows of a page. */
const most = 200;

/** Where a page of a list begins. */
export interface Cursor {
  /** So many rows are left out. */
  readonly skip: number;
  /** The row after this one, in lists whose rows have an id. */
  readonly after: string | undefined;
}

/** A page of an answer that is a list. */
export interface Page {
  readonly rows: readonly unknown[];
  /** Rows of the whole list, where that is known. */
  readonly count: number | undefined;
  /** Where the next page begins, if there is one. */
  readonly following: Cursor | undefined;
}

const names: ReadonlySet<string> = new Set([skipField.name, limitField.name, afterField.name]);

/** Whether the answer of this command is a list that comes in pages. */
export function isPaged({ reads, view }: Command): boolean {
  return reads === true && view.rows !== undefined;
}

/** Whether a field says which page is wanted: people turn pages, and are not asked for it. */
export function isPagingField(command: Command, name: string): boolean {
  return isPaged(command) && names.has(name);
}

/** Rows of a page, by what was given as the limit, if anything was. */
export function pageSize(limit: unknown): number {
  const reading = limitField.read(limit);
  return limit === undefined || 'problem' in reading ? usual : Math.min(reading.value, most);
}

/** The first page, by what was given as its beginning, if anything was. */
export function firstCursor(given: Readonly<Record<string, unknown>>): Cursor {
  const skip = skipField.read(given[skipField.name]);
  const after = given[afterField.name];
  return { skip: 'value' in skip ? skip.value : 0, after: typeof after === 'string' ? after : undefined };
}

/** What the command is given for the page at `cursor`. */
export function pageInput(command: Command, cursor: Cursor, size: number): Readonly<Record<string, unknown>> {
  return {
    ...(takes(command, skipField.name) && { skip: cursor.skip }),
    ...(takes(command, afterField.name) && { after: cursor.after }),
    ...(takes(command, limitField.name) && { limit: size }),
  };
}

/**
 * The first `size` rows of the page at `cursor`. There are more when the answer holds more, or says
 * so: by `more`, or by the `total` of the list.
 */
export function pageOfAnswer(command: Command, cursor: Cursor, answer: object, size: number): Page {
  const all = rowsOf(answer, command.view.rows ?? '');
  const partial = takes(command, skipField.name) || takes(command, afterField.name);
  const rows = partial ? all.slice(0, size) : all.slice(cursor.skip, cursor.skip + size);
  const skip = cursor.skip + rows.length;
  const total = partial ? valueAt(answer, 'total') : all.length;
  const count = typeof total === 'number' ? total : undefined;
  const left = all.length > (partial ? size : skip) || valueAt(answer, 'more') === true || skip < (count ?? 0);
  const after = takes(command, afterField.name) ? idOf(rows.at(-1)) : undefined;
  return { rows, count, following: left && rows.length > 0 ? { skip, after } : undefined };
}

function takes({ fields }: Command, name: string): boolean {
  return fields.some((field) => field.name === name);
}

function idOf(row: unknown): string | undefined {
  const id = valueAt(row, 'id');
  return typeof id === 'string' ? id : undefined;
}
