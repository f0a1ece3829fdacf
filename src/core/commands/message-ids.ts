import { idOfStanzaId } from '../durable/token.ts';
import type { Field, FieldReading } from './field.ts';

/** Most messages that one command may name. */
const most = 1_000;

/** Digits of every id of this century: no word for all of them is taken for one. */
const digits = 11;

/** The message of this name, which is its stanza-id; `undefined` when it is none. */
function messageOfName(name: string): number | undefined {
  return name.length === digits ? idOfStanzaId(name) : undefined;
}

const about = { name: 'ids', label: 'Messages', kind: 'list', required: true, fallback: undefined } as const;

/** Messages by their names: a list, or a text with spaces or commas between them. */
export const idsField: Field<readonly number[]> = {
  ...about,
  help: 'The ids of messages, as the list of them has them.',
  read: readIds,
};

/** The same, or all. */
export const idsOrAllField: Field<readonly number[] | 'all'> = {
  ...about,
  help: 'The ids of messages, as the list of them has them; or `all`.',
  read: (value) =>
    value === 'all' || (Array.isArray(value) && value[0] === 'all') ? { value: 'all' } : readIds(value),
};

/** One message that must be named. */
export const idField: Field<number> = {
  ...about,
  name: 'id',
  label: 'Message',
  kind: 'text',
  help: 'The id of a message, as the list of them has it.',
  read: (value) => {
    const id = typeof value === 'string' ? messageOfName(value) : undefined;
    return id === undefined ? { problem: 'This is no id of a message.' } : { value: id };
  },
};

/** Where a page of messages begins. */
export const afterField: Field<number> = {
  ...idField,
  name: 'after',
  label: 'After',
  required: false,
  help: 'The id of the last message of the page before.',
  read: (value) => (value === undefined || value === null || value === '' ? { value: 0 } : idField.read(value)),
};

function readIds(value: unknown): FieldReading<readonly number[]> {
  const names: readonly unknown[] =
    typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : isList(value) ? value : [];
  if (names.length === 0) return { problem: 'This is missing.' };
  if (names.length > most) return { problem: `Name at most ${most} messages at a time.` };
  const ids = names.map((name) => (typeof name === 'string' ? messageOfName(name) : undefined));
  const known = ids.filter((id) => id !== undefined);
  return known.length === ids.length ? { value: known } : { problem: 'One of these is no id of a message.' };
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
