import type { Conditions } from '../conditions.ts';
import { markdownTable, type Table } from '../report.ts';
import { spread } from '../statistics.ts';
import type { Outcome } from './outcome.ts';
import { away, burst, faults, pace, subjects } from './plan.ts';
import { workTime } from './scene.ts';

/** The rounds of one subject under one fault. */
export interface Cell {
  readonly fault: string;
  readonly server: string;
  readonly subject: string;
  readonly rounds: readonly Outcome[];
}

/** One table a fault and server. */
export function lossTable(cells: readonly Cell[], fault: string, server: string): Table {
  const head = ['', 'sent', 'done', 'returned with an error', '**lost**', 'lost though accepted', 'done twice'];
  const own = cells.filter((cell) => cell.fault === fault && cell.server === server);
  return [
    head,
    ...own.map(({ subject, rounds }) => [
      subject,
      written(rounds, ({ sent }) => sent),
      written(rounds, ({ done }) => done),
      written(rounds, ({ returned }) => returned),
      `**${written(rounds, ({ lost }) => lost)}**`,
      subject.includes('at-least-once') ? written(rounds, ({ lostAccepted }) => lostAccepted) : 'accepts nothing',
      written(rounds, ({ twice }) => twice),
    ]),
  ];
}

/** Median of the rounds, and least to most where they differ. */
function written(rounds: readonly Outcome[], value: (outcome: Outcome) => number): string {
  const whole = spread(rounds.map(value));
  if (whole === undefined) return '-';
  return whole.min === whole.max ? String(whole.median) : `${whole.median} (${whole.min} - ${whole.max})`;
}

/** What voids a run: a message that the pool had accepted and that is lost. */
export function broken(cells: readonly Cell[]): readonly string[] {
  return cells
    .filter(({ rounds }) => rounds.some(({ lostAccepted }) => lostAccepted > 0))
    .map(({ subject, server, fault }) => `${subject} on ${server} lost what it had accepted: ${fault}`);
}

/** `docs/loss-report.md`, whole. */
export function lossPage(circumstances: Conditions, cells: readonly Cell[]): string {
  const servers = [...new Set(subjects.map(({ server }) => server))];
  return [
    opening,
    verdict(cells),
    ...faults.flatMap(({ title }) => [
      `## ${title}`,
      ...servers.flatMap((server) => [`### On ${server}`, markdownTable(lossTable(cells, title, server))]),
    ]),
    meaning,
    `## Conditions\n\n${markdownTable([['', ''], ...circumstances])}`,
    method,
  ]
    .join('\n\n')
    .concat('\n');
}

function verdict(cells: readonly Cell[]): string {
  const problems = broken(cells);
  if (problems.length === 0) return 'In no round was a message lost that a pool had accepted under at-least-once.';
  return ['**A guarantee was broken in this run:**', '', ...problems.map((problem) => `- ${problem}`)].join('\n');
}

const opening = `# What is lost when something dies

<!-- Written by \`npm run report:loss -- --write\`. Change bench/loss/page.ts, not this file. -->

The same load and the same faults on a plain pool, on a pool under at-least-once, and on what ejabberd has for
the purpose: \`domain_balancing\`, which shares the messages to one domain between several components. Each figure
is the median of the rounds, with the least and the most where they differ.`;

const meaning = `## How to read it

- **Done**: a worker finished the work. **Returned**: the sender got an error, and nobody did the work. **Lost**:
  neither, so that nobody knows. **Done twice**: the work was finished more than once; at-least-once means that
  this can happen to what was in flight, and a worker can tell by the stanza-id, which is the same.
- **Lost though accepted** must be 0. A pool promises nothing for a message before it has accepted it: what is on
  the wire when the link breaks is lost by any server. A sender that wants to be sure asks for \`<queued/>\`, and
  sends again under the same origin-id until that or an error comes. The rows *sent once* show what it costs not to.
- With \`domain_balancing\` the two components are workers and receivers in one, and the server keeps the place of
  a dead one: what falls to it is dropped without an error until it is back. There is no router to be killed.`;

const method = `## Method

Three senders send ${pace} messages a second together, and ${burst} more at the moment of the fault. The work of a
message takes ${workTime[0]} to ${workTime[1]} ms, in two workers at once, in processes of their own; a worker that was killed is away
for ${away / 1_000} s. Everybody writes what he sends, gets and finishes into a log of his own, and the figures are counted
from these logs alone, the same way for all. Each cell starts a server, a router and workers of its own.

To repeat it: \`npm run report:loss\`.`;
