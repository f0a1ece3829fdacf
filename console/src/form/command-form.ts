import { isRecord } from '../live/answer.ts';
import { isListOf } from '../live/overview.ts';

/** One field of a command, as `/v1/commands` lists it. */
export interface CommandField {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly kind: string;
  readonly choices: readonly string[] | null;
  readonly required: boolean;
  readonly default: string | null;
}

/** A command, as `/v1/commands` lists it. */
export interface CommandAbout {
  readonly name: string;
  readonly title: string;
  readonly help: string;
  readonly role: string;
  readonly reads: boolean;
  /** What is lost by it for good. */
  readonly destroys: string | null;
  readonly fields: readonly CommandField[];
}

export function isCommandList(value: unknown): value is { readonly commands: readonly CommandAbout[] } {
  return isRecord(value) && isListOf(value['commands'], 'name', 'title', 'help', 'fields');
}

/** What stands in a form, by the names of its fields; flags are `true` or empty. */
export type FormValues = Readonly<Record<string, string>>;

/** What a form holds before anything is typed. */
export function firstValues(fields: readonly CommandField[], known: FormValues = {}): FormValues {
  return Object.fromEntries(
    fields.map(({ name, kind, default: fallback }) => [
      name,
      known[name] ?? (kind === 'flag' ? (fallback === 'true' ? 'true' : '') : (fallback ?? '')),
    ]),
  );
}

/** What is sent: what was left empty is left out, a list is cut at spaces, commas and line ends. */
export function givenOf(fields: readonly CommandField[], values: FormValues): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    fields.flatMap(({ name, kind }): readonly (readonly [string, unknown])[] => {
      const text = (values[name] ?? '').trim();
      if (kind === 'flag') return [[name, text === 'true']];
      if (text === '') return [];
      return [[name, kind === 'list' ? text.split(/[\s,]+/) : text]];
    }),
  );
}

/** The fields that must be given and are empty. */
export function missingFields(fields: readonly CommandField[], values: FormValues): readonly string[] {
  return fields.filter(({ name, required }) => required && (values[name] ?? '').trim() === '').map(({ name }) => name);
}

/** Commands by the thing that they are about: what stands before the dot. */
export function grouped(commands: readonly CommandAbout[]): readonly (readonly [string, readonly CommandAbout[]])[] {
  const groups = new Map<string, CommandAbout[]>();
  for (const command of commands) {
    const [thing = command.name] = command.name.split('.');
    groups.set(thing, [...(groups.get(thing) ?? []), command]);
  }
  return [...groups];
}
