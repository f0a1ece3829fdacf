import type { Conditions } from '../conditions.ts';
import { markdownTable } from '../report.ts';

/** Milliseconds from the kill to the first message that the next instance routed, for each takeover. */
export type Results = ReadonlyMap<string, readonly number[]>;

const heads = ['Server', 'Takeovers', 'Least', 'Quarter', 'Median', 'Three quarters', 'Most'];

/** The distribution on each server, in seconds. */
export function takeoverTable(results: Results): string[][] {
  const rows = [...results].map(([server, times]) => {
    const sorted = [...times].sort((a, b) => a - b);
    const at = (share: number): string => seconds(sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN);
    return [server, String(times.length), at(0), at(0.25), at(0.5), at(0.75), at(1)];
  });
  return [heads, ...rows];
}

/** `docs/benchmarks-standby.md`, whole. */
export function standbyPage(circumstances: Conditions, results: Results): string {
  return [
    opening,
    markdownTable(takeoverTable(results)),
    '## Every takeover',
    markdownTable([['Server', 'Seconds, in order of the runs'], ...each(results)]),
    `## Conditions\n\n${markdownTable([['', ''], ...circumstances])}`,
    method,
  ]
    .join('\n\n')
    .concat('\n');
}

function each(results: Results): string[][] {
  return [...results].map(([server, times]) => [server, times.map((time) => (time / 1_000).toFixed(2)).join(', ')]);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(2)} s`;
}

const opening = `# Benchmarks of a takeover

<!-- Written by \`npm run bench:takeover -- --write\`. Change bench/takeover/page.ts, not this file. -->

How long a service of two instances ([standby](standby.md)) is without an active one after \`kill -9\` of that: from the
signal to the first message, sent after it, that a worker has through the other instance. Most of it is the lease, which
has to run out: with the default of 5 s after the last beat, which was up to a second before the kill, and seen by the other
within its own second.`;

const method = `## Method

Server, PostgreSQL, both instances, a sender and a worker are processes on one machine and loopback. A message goes to a
plain pool every 5 ms. The active instance is killed at a random moment within its second between two beats; what a
worker gets counts from the first message that was sent after that. The killed instance is started again as the standby,
and the next takeover goes the other way. The configuration is the default, so \`standby.lease\` is 5 s; Prosody has
\`component_conflict_resolve = "kick_old"\`.

To repeat it: \`npm run bench:takeover\`, about four minutes for each server.`;
