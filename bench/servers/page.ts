import type { Conditions } from '../conditions.ts';
import { markdownTable } from '../report.ts';
import { addedTable, comparisonTable, problemsOf, type ServerCells, waysTable } from './report.ts';

/** What was measured on each server, by its name. */
export type Results = ReadonlyMap<string, ServerCells>;

/** `docs/benchmarks-servers.md`, whole. */
export function serversPage(circumstances: Conditions, results: Results): string {
  return [
    opening,
    sound(results),
    ...[...results].flatMap(([name, cells]) => [
      `## ${name}`,
      ...[comparisonTable, addedTable, waysTable].map((table) => markdownTable(table(cells))),
    ]),
    meaning,
    `## Conditions\n\n${markdownTable([['', ''], ...circumstances])}`,
    method,
  ]
    .join('\n\n')
    .concat('\n');
}

function sound(results: Results): string {
  const problems = [...results].flatMap(([name, cells]) => problemsOf(cells).map((problem) => `- ${name}: ${problem}`));
  if (problems.length === 0) return 'The run was sound: in no round was a message lost or doubled.';
  return ['**This run is void and proves nothing:**', '', ...problems].join('\n');
}

const opening = `# Benchmarks behind real servers

<!-- Written by \`npm run bench:servers -- --write\`. Change bench/servers/page.ts, not this file. -->

How many messages pass from clients through a server to Switchyard, back through the server and to other
clients, beside a component written the usual way with @xmpp/component, the same with what Switchyard adds
to each message, and no component at all; once with chat messages, which have a body, and once with what
machines send: type \`normal\`, a payload of their own, no body. Switchyard runs in its default configuration. How fast the router alone is, without a server, is on
[its own page](benchmarks.md). Every figure is the median of the rounds, with the least and the most.`;

const meaning = `Verdicts: *reached* if every round reached it, *missed* if none did, *not shown* if it lies within the
spread, *shown* if there is no bar. It is the server that sets the pace, so that what a component writes into
a message counts: the server reads, checks and writes all of it. The naive component adds nothing; where
Switchyard adds something, another row is against one that adds the same, and tells what the router itself
costs. The last column
compares what a message costs the server in CPU time (the other's to Switchyard's: above 1, Switchyard's is
cheaper), which other work on the machine moves less. Latencies are at the fixed rate; what is added is the
difference to client to client in the same round.`;

const method = `## Method

The server runs as its package comes, with plain streams on loopback and a database of its own. Four senders
and eight workers are sessions of it, in one process with the clock. A fixed number of messages is under way in
the timed phase; then the latency is taken at a fixed rate, from the moment when a message was due. Every
message has to come to one worker exactly once. Each way has fresh sessions and a fresh component in each
round, and another way begins each round.

- **Switchyard**: \`dist/main.js run\`, as \`contrib/switchyard.service\` starts it, with access lists, SQLite store and metrics, and a pool under round robin;
  afterwards its metrics must account for every message. It adds \`<private/>\` to chat messages, nothing to
  those of machines, and to about one in 64 of both a \`<hop/>\`, by which loops are found.
- **naive**: \`bench/programs/naive.mjs\`: one event handler, new addresses and one send for each message.
- **naive, with the same additions**: \`bench/programs/annotating.mjs\`: the same with \`<private/>\`,
  which keeps chat messages from being copied to other clients of the worker's account (XEP-0280).

To repeat it: \`npm run bench:servers\`, or \`npm run bench:servers -- --quick\` for a first look. Nothing else should
run on the machine meanwhile.`;
