/** What one of something carries, measured, and what is planned with: always less. */
export interface Unit {
  readonly name: string;
  /** Page of `docs/` that holds the measured figure. */
  readonly page: string;
  /** Finds the figure there: its first group is the number, its second `k` for thousands. */
  readonly figure: RegExp;
  /** The part of what was measured that is planned with. */
  readonly share: number;
  /** What the rest of it is kept for. */
  readonly why: string;
}

/** What can be measured on one machine, messages a second. */
export const units = {
  plain: {
    name: 'a router, plain pools',
    page: 'benchmarks.md',
    figure: /^\| Switchyard \| ([\d.]+) (k)/m,
    share: 0.25,
    why: 'against a mock server; a real one needs the rest of the machine',
  },
  sqlite: {
    name: 'a router, at least once, SQLite',
    page: 'benchmarks.md',
    figure: /^\| Switchyard, at least once \| (\d+)/m,
    share: 0.25,
    why: 'the same, and disks are slower elsewhere',
  },
  postgres: {
    name: 'a router, at least once, PostgreSQL',
    page: 'benchmarks.md',
    figure: /^\| Switchyard, at least once, PostgreSQL \| (\d+)/m,
    share: 0.25,
    why: 'database and router shared two cores here, and nothing was replicated',
  },
  prosody: {
    name: 'Prosody, through to a pool and out again',
    page: 'benchmarks-servers.md',
    figure: /^## Prosody, messages of machines[\s\S]*?^\| way \| messages\/s [\s\S]*?^\| Switchyard \| (\d+) \(/m,
    share: 0.5,
    why: 'clients, router and server shared two cores here; s2s and TLS cost besides',
  },
  ejabberd: {
    name: 'an ejabberd node, through to a pool and out again',
    page: 'benchmarks-servers.md',
    figure: /^## ejabberd, messages of machines[\s\S]*?^\| way \| messages\/s [\s\S]*?^\| Switchyard \| (\d+) \(/m,
    share: 0.5,
    why: 'the same',
  },
} as const satisfies Readonly<Record<string, Unit>>;

export type UnitName = keyof typeof units;

/** Messages a second to plan with, by unit. */
export type Planned = Readonly<Record<UnitName, number>>;

/** The figure that `page` holds for a unit, messages a second. Throws when there is none. */
export function measured({ name, page, figure }: Unit, text: string): number {
  const [, number, thousands] = figure.exec(text) ?? [];
  if (number === undefined) throw new Error(`docs/${page} has no figure for ${name}.`);
  return Number(number) * (thousands === 'k' ? 1_000 : 1);
}

/** A share of what was measured, rounded down to two digits. */
export function planned(unit: Unit, figure: number): number {
  const part = figure * unit.share;
  const step = 10 ** (Math.floor(Math.log10(part)) - 1);
  return Math.floor(part / step) * step;
}

/** What a load needs. Rates in messages a second. */
export interface Needs {
  readonly perDay: number;
  readonly peak: number;
  /** Domains of their own: each a pair of routers and a share of a PostgreSQL cluster. */
  readonly domains: number;
  /** Fronts, where all of it has one name. */
  readonly fronts: number;
  readonly prosody: number;
  readonly ejabberd: number;
  readonly inFlight: number;
  readonly backlog: number;
  /** Bytes of that. */
  readonly backlogBytes: number;
}

/** The peak is so many times the mean of a day. */
const peakToMean = 5;
/** How long a worker has a message, in seconds. */
const workTime = 2;
/** How long all workers are away, in seconds. */
const outage = 600;
/** What a message that waits takes, in bytes: of 400 bytes with its row and its share of the indexes. */
const waitingBytes = 1_000;

/** What a load of at-least-once messages needs, by arithmetic. */
export function needsOf(perDay: number, { plain, postgres, prosody, ejabberd }: Planned): Needs {
  const peak = (perDay * peakToMean) / 86_400;
  return {
    perDay,
    peak,
    domains: Math.ceil(peak / postgres),
    fronts: Math.ceil(peak / plain),
    prosody: Math.ceil(peak / prosody),
    ejabberd: Math.ceil(peak / ejabberd),
    inFlight: peak * workTime,
    backlog: peak * outage,
    backlogBytes: peak * outage * waitingBytes,
  };
}
