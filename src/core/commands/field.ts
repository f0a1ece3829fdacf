import { type Destination, parseDestination } from '../transfer/destination.ts';

/** What was given for a field, understood or not; `problem` says in words what to give instead. */
export type FieldReading<T> = { readonly value: T } | { readonly problem: string };

/**
 * One thing that a command wants to know. A form asks for it, an option of the command line names
 * it, a key of a JSON object holds it: texts and JSON values are read alike.
 */
export interface Field<T> {
  /** Key in JSON, `var` of a form's field; camel case. */
  readonly name: string;
  /** For people, a few words. */
  readonly label: string;
  /** For people, a sentence or two. */
  readonly help: string;
  readonly kind: 'text' | 'whole' | 'flag' | 'choice' | 'list';
  /** What may be given for a `choice`. */
  readonly choices?: readonly string[];
  /** What may be given for a `whole`. */
  readonly range?: { readonly min: number; readonly max: number };
  readonly required: boolean;
  /** It holds words to people, or more than a line: the log does not repeat it. */
  readonly unlogged?: true;
  /** What counts when nothing is given, as it would be written. */
  readonly fallback: string | undefined;
  readonly read: (value: unknown) => FieldReading<T>;
}

/** Most texts in a list. */
const mostItems = 1_000;

type Options = Pick<Field<unknown>, 'name' | 'label' | 'help'>;

/** A text that may be left out. */
export function optionalText(options: Options): Field<string | undefined> {
  return {
    ...options,
    kind: 'text',
    required: false,
    fallback: undefined,
    read: (value) => {
      if (isMissing(value)) return { value: undefined };
      return typeof value === 'string' ? { value } : { problem: 'This is no text.' };
    },
  };
}

/** A text that must be given. */
export function requiredText(options: Options): Field<string> {
  return required(optionalText(options));
}

/** A server, `host` or `host:port`, that may be left out. */
export function optionalServer(options: Options): Field<Destination | undefined> {
  return {
    ...options,
    kind: 'text',
    required: false,
    fallback: undefined,
    read: (value) => {
      if (isMissing(value)) return { value: undefined };
      const server = typeof value === 'string' ? parseDestination(value) : undefined;
      return server === undefined
        ? { problem: 'This is no server. Give a domain name or an IP address, and perhaps :port.' }
        : { value: server };
    },
  };
}

/** A server that must be given. */
export function requiredServer(options: Options): Field<Destination> {
  return required(optionalServer(options));
}

/** A whole number from `min` to `max` that may be left out. */
export function optionalWhole(
  options: Options & { readonly min: number; readonly max: number },
): Field<number | undefined> {
  const { min, max, ...about } = options;
  const problem = `This is no whole number from ${min} to ${max}.`;
  return {
    ...about,
    kind: 'whole',
    range: { min, max },
    required: false,
    fallback: undefined,
    read: (value) => {
      if (isMissing(value)) return { value: undefined };
      const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
      const fits = typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max;
      return fits ? { value: number } : { problem };
    },
  };
}

/** A whole number from `min` to `max`; without `fallback` it must be given. */
export function whole(
  options: Options & { readonly min: number; readonly max: number; readonly fallback?: number },
): Field<number> {
  const { fallback, ...about } = options;
  const field = optionalWhole(about);
  return fallback === undefined ? required(field) : withFallback(field, fallback);
}

/** Several texts, a list or one text with spaces or commas between them, that may be left out: so is a list of nothing. */
export function optionalList(options: Options): Field<readonly string[] | undefined> {
  return {
    ...options,
    kind: 'list',
    required: false,
    fallback: undefined,
    read: (value) => {
      if (isMissing(value)) return { value: undefined };
      const items: readonly unknown[] =
        typeof value === 'string' ? value.split(/[\s,]+/) : Array.isArray(value) ? value : [undefined];
      if (items.length > mostItems) return { problem: `Give at most ${mostItems} of them.` };
      const texts = items.filter((item) => typeof item === 'string');
      if (texts.length < items.length) return { problem: 'This is no list of texts.' };
      const given = texts.map((text) => text.trim()).filter((text) => text !== '');
      return { value: given.length === 0 ? undefined : given };
    },
  };
}

/** One of a few words that may be left out. */
export function optionalChoice<Word extends string>(
  options: Options & { readonly words: readonly Word[] },
): Field<Word | undefined> {
  const { words, ...about } = options;
  const problem = `This is none of ${words.join(', ')}.`;
  return {
    ...about,
    kind: 'choice',
    choices: words,
    required: false,
    fallback: undefined,
    read: (value) => {
      const word = words.find((each) => each === value);
      return isMissing(value) || word !== undefined ? { value: word } : { problem };
    },
  };
}

/** One of a few words; `fallback` when it is left out. */
export function choice<Word extends string>(
  options: Options & { readonly words: readonly Word[]; readonly fallback: Word },
): Field<Word> {
  const { fallback, ...about } = options;
  return withFallback(optionalChoice(about), fallback);
}

/** One of a few words that must be given. */
export function requiredChoice<Word extends string>(
  options: Options & { readonly words: readonly Word[] },
): Field<Word> {
  return required(optionalChoice(options));
}

/** Yes or no; no when it is left out. */
export function flag(options: Options): Field<boolean> {
  return {
    ...options,
    kind: 'flag',
    required: false,
    fallback: 'false',
    read: (value) => {
      if (isMissing(value) || value === false || value === 'false' || value === '0') return { value: false };
      if (value === true || value === 'true' || value === '1') return { value: true };
      return { problem: 'This is neither true nor false.' };
    },
  };
}

/** The same field, which must be given. */
export function required<T>(field: Field<T | undefined>): Field<T> {
  return { ...field, required: true, read: (given) => filled(field.read(given)) };
}

function filled<T>(reading: FieldReading<T | undefined>): FieldReading<T> {
  if ('problem' in reading) return reading;
  return reading.value === undefined ? { problem: 'This is missing.' } : { value: reading.value };
}

function withFallback<T extends string | number>(field: Field<T | undefined>, fallback: T): Field<T> {
  return {
    ...field,
    fallback: String(fallback),
    read: (given) => {
      const reading = field.read(given);
      return 'problem' in reading ? reading : { value: reading.value ?? fallback };
    },
  };
}

/** Forms send an empty text for what was left out, JSON `null` or nothing. */
function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
