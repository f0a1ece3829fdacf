import { z } from 'zod';
import { durationPattern, formatDuration, likelyDuration, parseDuration } from './duration.ts';
import { nearest } from './nearest.ts';
import { formatSize, likelySize, parseSize, sizePattern } from './size.ts';

/** What every key tells about itself; the reference and the JSON schema are made from it. */
export interface LeafOptions<Written> {
  /** What the key means, for the reference: a sentence or two. */
  readonly description: string;
  /** How a value is written; shown when one is missing or of the wrong type. */
  readonly example: string;
  /** The default, as it would be written. Without one the key is required. */
  readonly fallback?: Written;
}

/** Bounds, as written. */
interface Range {
  readonly min: string;
  readonly max: string;
}

/** A problem and what to do about it, as one message: zod carries a single text. */
export function complaint(problem: string, suggestion: string): string {
  return `${problem}\n${suggestion}`;
}

/** The message for a value that is missing or of the wrong type. */
export function wrongType(kind: string, example: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) =>
    input === undefined
      ? complaint('This key is required.', `Write ${kind}, such as ${example}.`)
      : complaint(`This is not ${kind}.`, `Write ${kind}, such as ${example}.`);
}

/** What a check has to say about a text: the value it stands for, or a complaint. */
export type Reading<Value> = { readonly value: Value } | { readonly complaint: string };

/** A text that stands for something else: `read` says what, or what is wrong with it. */
export function reading<Value>(
  options: LeafOptions<string> & {
    readonly kind: string;
    readonly pattern?: RegExp;
    readonly error?: ReturnType<typeof wrongType>;
  },
  read: (text: string) => Reading<Value>,
) {
  const leaf = z
    .string({ error: options.error ?? wrongType(options.kind, options.example) })
    .transform((text, context) => {
      const result = read(text);
      if ('value' in result) return result.value;
      context.issues.push({ code: 'custom', message: result.complaint, input: text });
      return z.NEVER;
    });
  const meta = { description: options.description, ...(options.pattern && { pattern: options.pattern.source }) };
  return options.fallback === undefined ? leaf.meta(meta) : leaf.prefault(options.fallback).meta(meta);
}

/** A text that is not empty. */
export function text(options: LeafOptions<string> & { readonly kind?: string }) {
  return reading({ kind: 'a text', ...options }, (value) =>
    value.trim() === ''
      ? { complaint: complaint('This text is empty.', `Write a text, such as ${options.example}.`) }
      : { value },
  );
}

/** A text that may be left out. */
export function optionalText(options: Omit<LeafOptions<string>, 'fallback'>) {
  return text(options).optional().meta({ description: options.description });
}

/** One of a few words. */
export function choice<const Word extends string>(
  words: readonly Word[],
  options: { readonly description: string; readonly fallback: Word },
) {
  const leaf = z.enum(words, {
    error: ({ input }) => {
      const near = typeof input === 'string' ? nearest(input, words) : undefined;
      return complaint(
        `This is none of the possible values.`,
        near === undefined ? `Write ${alternatives(words)}.` : `Write "${near}" (possible are ${alternatives(words)}).`,
      );
    },
  });
  return leaf.prefault(options.fallback).meta({ description: options.description });
}

/** `"a", "b" or "c"`. */
export function alternatives(words: readonly string[]): string {
  const quoted = words.map((word) => JSON.stringify(word));
  const last = quoted.pop() ?? 'nothing';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}

/** A whole number within bounds. */
export function whole(options: LeafOptions<number> & { readonly min: number; readonly max: number }) {
  const bounds = `a whole number from ${String(options.min)} to ${String(options.max)}`;
  const error = ({ input }: { readonly input?: unknown }) =>
    typeof input === 'number' && Number.isSafeInteger(input)
      ? complaint('This number is out of range.', `Write ${bounds}.`)
      : wrongType(bounds, options.example)({ input });
  const leaf = z.int({ error }).min(options.min, { error }).max(options.max, { error });
  const meta = { description: options.description };
  return options.fallback === undefined ? leaf.meta(meta) : leaf.prefault(options.fallback).meta(meta);
}

/** `true` or `false`. */
export function yesOrNo(options: { readonly description: string; readonly fallback: boolean }) {
  const leaf = z.boolean({ error: wrongType('true or false', String(options.fallback)) });
  return leaf.prefault(options.fallback).meta({ description: options.description });
}

/** A duration such as `30s`, in milliseconds once read. */
export function duration(options: Omit<LeafOptions<string>, 'example'> & Range) {
  const example = JSON.stringify(options.fallback ?? options.min);
  return measure(
    { ...options, example, kind: 'a duration with its unit', pattern: durationPattern },
    { noun: 'duration', parse: parseDuration, format: formatDuration, likely: likelyDuration },
  );
}

/** A size such as `64KiB`, in bytes once read. */
export function size(options: Omit<LeafOptions<string>, 'example'> & Range) {
  const example = JSON.stringify(options.fallback ?? options.min);
  return measure(
    { ...options, example, kind: 'a size with its unit', pattern: sizePattern },
    { noun: 'size', parse: parseSize, format: formatSize, likely: likelySize },
  );
}

interface Measure {
  readonly noun: string;
  readonly parse: (text: string) => number | undefined;
  readonly format: (value: number) => string;
  /** What was probably meant by a text that is none. */
  readonly likely: (text: string) => string | undefined;
}

function measure(
  options: LeafOptions<string> & Range & { readonly kind: string; readonly pattern: RegExp },
  { noun, parse, format, likely }: Measure,
) {
  const low = parse(options.min) ?? 0;
  const high = parse(options.max) ?? Infinity;
  const description = `${options.description} From ${options.min} to ${options.max}.`;
  const without = (text: string) =>
    complaint(`This is no ${noun}.`, likely(text) ?? `Write ${options.kind}, such as ${options.example}.`);
  const error = ({ input }: { readonly input?: unknown }) =>
    typeof input === 'number' ? without(String(input)) : wrongType(options.kind, options.example)({ input });
  return reading({ ...options, description, error }, (written) => {
    const value = parse(written);
    if (value === undefined) return { complaint: without(written) };
    if (value >= low && value <= high) return { value };
    const bounds = `Write "${format(low)}" to "${format(high)}".`;
    return { complaint: complaint(`This ${noun} is out of range.`, bounds) };
  });
}

/** An object with these keys and no others; when it is left out every key has its default. */
export function section<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  options: { readonly description: string; readonly example: string },
) {
  const object = z.strictObject(shape, { error: wrongType('an object', options.example) });
  // Required keys that are missing are told by their own errors, so {} may stand for any section.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above: {} need not be valid
  const nothing = {} as z.input<typeof object>;
  return object.prefault(nothing).meta({ description: options.description });
}
