import { z } from 'zod';
import { cellText } from '../../core/commands/cell.ts';
import type { Column, View } from '../../core/commands/command.ts';
import { bytes, span } from '../terminal/amounts.ts';
import { fitting, printable, record, wrapped } from '../terminal/table.ts';

/** Where an answer is shown. */
export interface Screen {
  /** Columns of the terminal; `undefined` where lines may be of any length. */
  readonly width: number | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

type Answer = Readonly<Record<string, unknown>>;

const answer = z.record(z.string(), z.unknown());
const rowsOf = z.array(answer);

/** An answer of the router, if it is one. */
export function readAnswer(body: unknown): Answer | undefined {
  return answer.safeParse(body).data;
}

/** An answer for people: a table or a line for each value, and the sentence that sums it up. */
export function renderAnswer({ rows, columns }: View, body: Answer, screen: Screen): string {
  const text = typeof body['text'] === 'string' ? sentences(body['text'], screen) : '';
  if (rows === undefined) return lines(columns, body, screen) + text;
  const found = rowsOf.safeParse(body[rows]).data ?? [];
  if (found.length === 0) return text === '' ? 'There is none.\n' : text;
  const used = columns.filter(({ key }) => found.some((row) => cellText(row[key]) !== ''));
  const head = used.map(({ label }) => label.toUpperCase());
  const cells = found.map((row) => used.map((column) => shown(column, row[column.key], screen.now)));
  return fitting(head, cells, screen.width) + text;
}

function sentences(text: string, { width }: Screen): string {
  if (text === '') return '';
  const lines = text.split('\n').map(printable);
  return `${lines.flatMap((line) => wrapped(line, width ?? line.length)).join('\n')}\n`;
}

function lines(columns: readonly Column[], body: Answer, { now, width }: Screen): string {
  const told = columns.filter(({ key }) => cellText(body[key]) !== '');
  return record(
    told.map((column) => [column.label, shown(column, body[column.key], now)]),
    width,
  );
}

function shown({ kind }: Column, value: unknown, now: number): string {
  if (kind === 'time' && typeof value === 'string') return ago(Date.parse(value), now);
  if (kind === 'bytes' && typeof value === 'number') return bytes(value);
  return cellText(value);
}

/** `5m ago`, or `in 30s`. */
function ago(at: number, now: number): string {
  if (Number.isNaN(at)) return '';
  const time = span(Math.abs(now - at));
  return at > now ? `in ${time}` : `${time} ago`;
}
