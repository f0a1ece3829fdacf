import { parseArgs } from 'node:util';
import { maxMessages } from './mock/verifier.ts';
import { variants } from './variants/table.ts';
import type { VariantName } from './variants/variant.ts';

/** What a run does. */
export interface Options {
  readonly rounds: number;
  readonly only: ReadonlySet<VariantName>;
  /** Messages of the timed phase; `undefined`: as many as go through in `seconds`. */
  readonly messages: number | undefined;
  /** Length of each phase that counts, in seconds. */
  readonly seconds: number;
  /** Fixed rates at which the latency is taken, in messages a second. */
  readonly rates: readonly number[];
  readonly quick: boolean;
  /** Rewrites docs/benchmarks.md. */
  readonly write: boolean;
  /** A file for all figures as JSON. */
  readonly json: string | undefined;
}

export const usage = `npm run bench -- [options]
  --rounds N        interleaved rounds, 5 unless told
  --only A,B        of ${variants.map(({ name }) => name).join(', ')}
  --messages N      messages of the timed phase, instead of 3 seconds of them
  --quick           3 short rounds, about a minute, no verdict
  --write           rewrites docs/benchmarks.md
  --json FILE       all figures of every round
  --help

What one choice among many workers costs:  node --import=tsx bench/select.ts
What 10 000 workers take of the heap:      node --import=tsx bench/heap.ts
What at-least-once costs:                  node --import=tsx bench/durable/run.ts`;

/** Reads the command line. Throws an Error whose message is for people; `undefined` asks for help. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      only: { type: 'string' },
      messages: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.quick && values.write) throw new Error('--write wants a full run, not --quick');
  return {
    rounds: whole('--rounds', values.rounds) ?? (values.quick ? 3 : 5),
    only: chosen(values.only),
    messages: whole('--messages', values.messages, maxMessages),
    seconds: values.quick ? 0.7 : 3,
    rates: values.quick ? [10_000] : [1000, 10_000],
    quick: values.quick,
    write: values.write,
    json: values.json,
  };
}

function whole(name: string, text: string | undefined, most = 1000): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || value > most) {
    throw new Error(`${name} wants a whole number from 1 to ${most}, not "${text}"`);
  }
  return value;
}

function chosen(text: string | undefined): ReadonlySet<VariantName> {
  const known = variants.map(({ name }) => name);
  if (text === undefined) return new Set(known);
  const names = text.split(',');
  const unknown = names.find((name) => !known.some((one) => one === name));
  if (unknown !== undefined) throw new Error(`--only knows ${known.join(', ')}, not "${unknown}"`);
  return new Set(known.filter((name) => names.includes(name)));
}
