import { isRecord } from '../live/answer.ts';

/** An answer of any command, as a page can show it. */
export interface AnswerView {
  /** What sums it up. */
  readonly text: string | undefined;
  /** Single values, each with the name it has in the answer. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly tables: readonly AnswerTable[];
}

interface AnswerTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How many rows are not shown. */
  readonly left: number;
}

/** Most rows that are shown of a list. */
const longest = 200;

export function viewOfAnswer(answer: unknown): AnswerView {
  if (!isRecord(answer)) return { text: undefined, facts: [['answer', plain(answer)]], tables: [] };
  const entries = Object.entries(answer);
  const { text } = answer;
  return {
    text: typeof text === 'string' ? text : undefined,
    facts: entries
      .filter(([name, value]) => name !== 'text' && !isTable(value))
      .map(([name, value]) => [spoken(name), plain(value)]),
    tables: entries.flatMap(([name, value]) => (isTable(value) ? [tableOf(name, value)] : [])),
  };
}

/** `maxLost` as people say it: `max lost`. */
export function spoken(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

/** A value as a line of text. */
export function plain(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(plain).join(', ') || '–';
  return (
    Object.entries(value)
      .map(([name, each]) => `${spoken(name)} ${plain(each)}`)
      .join(', ') || '–'
  );
}

function isTable(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.length > 0 && value.every(isRecord);
}

function tableOf(name: string, rows: readonly Readonly<Record<string, unknown>>[]): AnswerTable {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return {
    name: spoken(name),
    columns: columns.map(spoken),
    rows: rows.slice(0, longest).map((row) => columns.map((column) => plain(row[column]))),
    left: Math.max(0, rows.length - longest),
  };
}
