import { parseArgs } from 'node:util';
import { leastRounds } from '../verdict.ts';

/** What a run does. */
export interface Options {
  readonly rounds: number;
  /** Messages a second at which the latency is taken. */
  readonly rate: number;
  /** Length of each phase that counts, in seconds. */
  readonly seconds: number;
  /** The one server that is measured; `undefined` for all. */
  readonly only: string | undefined;
  readonly quick: boolean;
  /** Rewrites docs/benchmarks-servers.md. */
  readonly write: boolean;
  /** A file for all figures as JSON. */
  readonly json: string | undefined;
}

export const usage = `npm run bench:servers -- [options]
  --rounds N        interleaved rounds, 5 unless told
  --seconds N       length of each timed phase, 4 unless told
  --rate N          messages a second at which the latency is taken, 1000 unless told
  --only SERVER     prosody or ejabberd
  --quick           3 short rounds, about two minutes, no verdict
  --write           rewrites docs/benchmarks-servers.md
  --json FILE       all figures of every round
  --help`;

/** Reads the command line. Throws an Error whose message is for people; `undefined` asks for help. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      rate: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, write, only, json } = values;
  if (values.help) return undefined;
  const rounds = whole('--rounds', values.rounds) ?? (quick ? 3 : leastRounds);
  if (write && (quick || only !== undefined || rounds < leastRounds)) {
    throw new Error(`--write wants a full run: no --quick, no --only, at least ${leastRounds} rounds`);
  }
  if (only !== undefined && only !== 'prosody' && only !== 'ejabberd') {
    throw new Error(`--only knows prosody and ejabberd, not "${only}"`);
  }
  const seconds = whole('--seconds', values.seconds) ?? (quick ? 1 : 4);
  return { rounds, seconds, rate: whole('--rate', values.rate) ?? 1000, only, quick, write, json };
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= 100_000) return value;
  throw new Error(`${name} wants a whole number from 1 to 100000, not "${text}"`);
}
