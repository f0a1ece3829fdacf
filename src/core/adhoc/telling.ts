import { cellText } from '../commands/cell.ts';
import type { Column, Command } from '../commands/command.ts';
import type { DataForm, FormField } from './form.ts';
import { isList, valueAt } from './reading.ts';

/** The field that has a whole list for people, a line for each row. */
const linesName = 'rows';

/** An answer, or a page of it, made ready to be shown. */
export interface Told {
  readonly forms: readonly DataForm[];
  /** Values were cut. */
  readonly cut: boolean;
}

/**
 * An answer that is no list: a field for each thing that there is to tell.
 * @param sentence What sums it up: on the form too, for there are clients that show the note elsewhere.
 */
export function tellValues({ title, view }: Command, answer: object, sentence: string, longest: number): Told {
  const cutter = new Cutter(longest);
  const fields = view.columns.flatMap((column) => valueField(column, answer, cutter));
  const forms: DataForm[] =
    fields.length === 0 ? [] : [{ type: 'result', title, instructions: oneLine(sentence), fields }];
  return { forms, cut: cutter.used };
}

/**
 * A list: once for people, a line for each row, and once for programs, as a table. Two forms, for
 * there are clients that show only the first, and cannot show a table (Gajim 1.7, Profanity 0.13).
 * @param asks Whether there is something to be done next: then people get it on a form that they send back.
 */
export function tellRows(
  { title, view }: Command,
  rows: readonly unknown[],
  sentence: string,
  asks: boolean,
  longest: number,
): Told {
  const cutter = new Cutter(longest);
  const { columns } = view;
  const cells = rows.map((row) => columns.map(({ key }) => cutter.cut(cellText(valueAt(row, key)))));
  const table = { columns: columns.map(({ key: name, label }) => ({ name, label })), rows: cells };
  const lines: FormField = { name: linesName, kind: 'text-multi', label: title, values: linesOf(columns, cells) };
  const forms: DataForm[] = [
    { type: asks ? 'form' : 'result', title, instructions: oneLine(sentence), fields: [lines] },
    { type: 'result', title, instructions: '', fields: [], table },
  ];
  return { forms: rows.length === 0 ? [] : forms, cut: cutter.used };
}

/** Columns that say anything, one below the other. */
function linesOf(columns: readonly Column[], cells: readonly (readonly string[])[]): readonly string[] {
  const used = columns.map((_, at) => at).filter((at) => cells.some((row) => row[at] !== ''));
  const lines = [columns.map(({ label }) => label), ...cells].map((row) => used.map((at) => oneLine(row[at] ?? '')));
  const widths = used.map((_, place) => Math.max(...lines.map((line) => line[place]?.length ?? 0)));
  return lines.map((line) =>
    line
      .map((cell, place) => cell.padEnd(widths[place] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function valueField({ key: name, label }: Column, answer: object, cutter: Cutter): readonly FormField[] {
  const value = valueAt(answer, name);
  const texts = isList(value) ? value.map(cellText) : cellText(value).split('\n');
  const values = texts.map((text) => cutter.cut(text));
  if (values.every((text) => text === '')) return [];
  return [{ name, kind: isList(value) || values.length > 1 ? 'text-multi' : 'text-single', label, values }];
}

/** A name that holds a line break must not look like two rows. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** Shortens texts, and remembers whether it had to. */
class Cutter {
  readonly #longest: number;
  used = false;

  constructor(longest: number) {
    this.#longest = longest;
  }

  cut(text: string): string {
    if (text.length <= this.#longest) return text;
    this.used = true;
    return `${text.slice(0, this.#longest)}…`;
  }
}
