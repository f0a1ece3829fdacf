import { parseArgs } from 'node:util';

/** What a run does. */
export interface Options {
  /** Takeovers on each server. */
  readonly runs: number;
  /** The one server that is measured; `undefined` for all. */
  readonly only: string | undefined;
  /** Rewrites docs/benchmarks-standby.md. */
  readonly write: boolean;
}

/** Fewer show no distribution. */
export const leastRuns = 20;

export const usage = `npm run bench:takeover -- [options]
  --runs N          takeovers on each server, ${leastRuns} unless told
  --only SERVER     prosody or ejabberd
  --write           rewrites docs/benchmarks-standby.md
  --help`;

/** Reads the command line. Throws an Error whose message is for people; `undefined` asks for help. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string' },
      only: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { write, only, help } = values;
  if (help) return undefined;
  const runs = Number(values.runs ?? leastRuns);
  if (!Number.isSafeInteger(runs) || runs < 1)
    throw new Error(`--runs wants a whole number from 1, not "${values.runs}"`);
  if (only !== undefined && only !== 'prosody' && only !== 'ejabberd') {
    throw new Error(`--only knows prosody and ejabberd, not "${only}"`);
  }
  if (write && (only !== undefined || runs < leastRuns)) {
    throw new Error(`--write wants a full run: no --only, at least ${leastRuns} runs`);
  }
  return { runs, only, write };
}
