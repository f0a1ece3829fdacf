import type { Command } from '../commands/command.ts';
import type { Field } from '../commands/field.ts';
import type { DataForm, Filled, FormField } from './form.ts';

/** The field in which somebody says that he means it. */
const confirmName = 'confirm';

/** What is wrong with a form, so that it is asked for again. */
export interface Problem {
  /** The field that is to blame, as the caller named it. */
  readonly field: string | undefined;
  readonly text: string;
}

/**
 * The form of a command's fields, with what was filled in before.
 * @param problem Told in the instructions as well: there are clients that show no notes beside a form.
 */
export function askingForm(
  { title, help }: Command,
  fields: readonly Field<unknown>[],
  filled: Filled,
  problem: string | undefined,
): DataForm {
  return {
    type: 'form',
    title,
    instructions: problem === undefined ? help : `${problem} ${help}`,
    fields: fields.map((field) => formField(field, filled.get(field.name))),
  };
}

/** The form that asks whether what the command destroys shall be destroyed. */
export function confirmingForm(
  { title, destroys }: Command,
  fields: readonly Field<unknown>[],
  filled: Filled,
  problem: string | undefined,
): DataForm {
  const told = fields.flatMap(({ name, label, kind }) => {
    const values = filled.get(name)?.filter((value) => value.trim() !== '') ?? [];
    if (kind === 'flag') return isYes(values[0]) ? [`${label}: yes`] : [];
    return values.length === 0 ? [] : [`${label}: ${values.join(', ')}`];
  });
  return {
    type: 'form',
    title,
    instructions: [problem ?? '', destroys ?? '', told.join(', ')].filter((part) => part !== '').join(' '),
    fields: [
      {
        name: confirmName,
        kind: 'boolean',
        label: 'Do it',
        help: 'Say yes to go on. Cancel to leave all as it is.',
        required: true,
        values: ['0'],
      },
    ],
  };
}

/** Whether he means it. */
export function isConfirmed(filled: Filled): boolean {
  return isYes(filled.get(confirmName)?.[0]);
}

/** A boolean of a form (XEP-0004 section 3.3). */
function isYes(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

/** A problem in words, with the label that the field has on the form, and its name. */
export function problemText({ field: name, text }: Problem, fields: readonly Field<unknown>[]): string {
  const field = fields.find((each) => each.name === name);
  if (field !== undefined) return `${field.label} (${field.name}): ${text}`;
  return name === undefined ? text : `${name}: ${text}`;
}

function formField(field: Field<unknown>, filled: readonly string[] | undefined): FormField {
  const { name, label, help, required, kind, choices, range, fallback, unlogged } = field;
  const values = filled ?? (fallback === undefined ? [] : [fallback]);
  const about = { name, label, help, required };
  switch (kind) {
    case 'flag':
      return {
        ...about,
        kind: 'boolean',
        required: false,
        values: [isYes(values[0]) ? '1' : '0'],
      };
    case 'choice':
      // There are clients that show the options only once one is chosen (Profanity 0.13).
      return {
        ...about,
        kind: 'list-single',
        label: `${label} (${(choices ?? []).join(', ')})`,
        values: values.slice(0, 1),
        options: choices ?? [],
      };
    // Not `jid-multi`: patterns such as *@example.org are no JIDs, and clients would not take them.
    case 'list':
      return { ...about, kind: 'text-multi', values };
    case 'whole':
      return { ...about, kind: 'text-single', values: values.slice(0, 1), ...(range && { range }) };
    case 'text':
      return unlogged === true
        ? { ...about, kind: 'text-multi', values: values.flatMap((text) => text.split('\n')) }
        : { ...about, kind: 'text-single', values: values.slice(0, 1) };
  }
}
