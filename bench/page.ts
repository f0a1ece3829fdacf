import type { Conditions } from './conditions.ts';
import type { Part } from './parts.ts';
import { serviceFlags } from './program.ts';
import { latencyTable, loopTable, markdownTable, ratioTable, speedTable } from './report.ts';
import type { Cells } from './verdict.ts';
import { voidReasons } from './verdict.ts';

/** `docs/benchmarks.md`, whole. */
export function benchmarksPage(circumstances: Conditions, cells: Cells, parts: readonly Part[]): string {
  return [
    opening,
    sound(cells),
    part('Ratios', ratioTable(cells)),
    meaning,
    part('Speed', speedTable(cells)),
    speedNotes,
  ]
    .concat(part('Latency at fixed rates', latencyTable(cells)), latencyNotes)
    .concat(part('Delay of the event loop', loopTable(cells)), loopNotes)
    .concat(parts.map(({ title, text }) => `## ${title}\n\n${text}`))
    .concat(`## Conditions\n\n${markdownTable([['', ''], ...circumstances])}`, method)
    .join('\n\n')
    .concat('\n');
}

function part(title: string, table: readonly (readonly string[])[]): string {
  return `## ${title}\n\n${markdownTable(table)}`;
}

function sound(cells: Cells): string {
  const reasons = voidReasons(cells);
  if (reasons.length === 0)
    return 'The run was sound: in no round was a message lost or doubled, and of those read in full none was changed.';
  return ['**This run is void and proves nothing:**', '', ...reasons.map((why) => `- ${why}`)].join('\n');
}

const opening = `# Benchmarks

<!-- Written by \`npm run bench -- --write\`. Change bench/page.ts, not this file. -->

How fast the complete router passes messages on, beside a component written the usual way with
@xmpp/component, the same with slixmpp, and a process that only sends back the bytes it reads.
Speeds depend on the machine; what is claimed is therefore a ratio of speeds in the same run.
Every figure is the median of the rounds, with the least and the most.`;

const meaning = `Verdicts: *reached* if every round reached it, *missed* if none did, *not shown* if it lies within the
spread. The first row is about the measurement itself: unless the mock server carries the raw relay five
times as fast as the router runs, the run is void. *Shown* is a ratio without a bar. The last column compares what a message costs each in
CPU time (the second's to the first's), which other work on the machine moves less.`;

const speedNotes = `CPU time is that of the component's process with all its threads. Resident memory is taken at the end of
the timed phase. The mock's share of a core shows how far it was from being the bottleneck.`;

const latencyNotes = `Messages are sent at fixed times whether or not replies come, and each latency counts from the moment
the message was due: a stall counts for everything that it delayed. The first 0.3 s are left out. The way
through the mock is part of the figure; the raw relay shows how much that is.`;

const loopNotes = `From the router's own \`/metrics\`, read before and after each of the rates above. A timer of 10 ms takes
the samples; what is shown is how much later than that it fired, so that an idle process shows about 0.`;

const method = `## Method

A mock server (\`bench/mock/\`, a process of its own) accepts one component over XEP-0114 and plays all
senders and workers. It keeps a fixed number of messages under way, sends the next ones as replies come,
and checks that every id comes back exactly once. Before each timed phase 2000 replies are read in full:
the body must be unchanged, and the eight workers must have had equally many.

- **Switchyard**: \`node ${serviceFlags.join(' ')} dist/main.js run\`, as \`contrib/switchyard.service\`
  starts it, with access lists, SQLite store, counters and metrics on, and a pool under round robin. Workers join by presence. Afterwards its own metrics must
  account for every message.
- **Switchyard, 100 000 senders**: the same, with a message of each sender in turn: more than its caches
  of addresses hold, each with a conversation to remember within \`limits.memory\`.
- **naive @xmpp/component** and **slixmpp**: \`bench/programs/\`, one event handler and one send for each
  message, round robin over a fixed list of workers.
- **raw relay**: no XML at all; the bound of what Node.js and the loopback can do.

To repeat it: \`npm run bench\`, or \`npm run bench -- --quick\` for a first look, without the parts
that are programs of their own: \`bench/select.ts\`, \`bench/heap.ts\`, \`bench/durable/run.ts\`, \`bench/requests/run.ts\`. Nothing else should run on the machine meanwhile. A real XMPP server carries far fewer messages a second than the mock, so behind one
it is the server that sets the pace; the router's share of the CPU is what is left to see.`;
