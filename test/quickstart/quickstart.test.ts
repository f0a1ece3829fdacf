import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { prosodyMissing } from '../support/servers/prosody.ts';
import { skip } from '../support/skip.ts';
import { QuickstartProcess } from './quickstart-process.ts';

/** What stands under a title, up to the next. */
function section(output: string, title: string): string {
  const start = output.indexOf(`\n${title}`);
  ok(start >= 0, `no "${title}" in:\n${output}`);
  const rest = output.slice(start + 1);
  const end = rest.search(/\n\n(?=Algorithm |A worker is killed|The router is killed|What you have seen)/);
  return end < 0 ? rest : rest.slice(0, end);
}

/** The bars of a section: the number at the end of each, and its length. */
function bars(text: string): { readonly counts: number[]; readonly lengths: number[] } {
  const found = [...text.matchAll(/^ {2}n\d {2}priority \d {2,}(#*) {2}(\d+)/gm)];
  return { counts: found.map(([, , count]) => Number(count)), lengths: found.map(([, bar = '']) => bar.length) };
}

describe('npm run quickstart', () => {
  let demo: QuickstartProcess;

  before(function () {
    const reason = prosodyMissing();
    if (reason !== undefined) skip(this, reason);
  });

  afterEach(async () => {
    await demo.remove();
  });

  it('shows four algorithms and two failures, keeps every promise, and leaves nothing', async function () {
    this.timeout(120_000);
    demo = new QuickstartProcess();
    equal(await demo.ended(), 0, demo.output);
    const { output } = demo;
    deepEqual([demo.processesLeft(), demo.foldersLeft()], [[], []]);

    deepEqual(bars(section(output, 'Algorithm 1 of 4: roundrobin')).counts, [3, 3, 3, 3]);
    deepEqual(bars(section(output, 'Algorithm 2 of 4: weighted')).counts, [5, 4, 2, 1]);
    deepEqual(bars(section(output, 'Algorithm 3 of 4: mostactive')).counts, [12, 0, 0, 0]);
    deepEqual(bars(section(output, 'Algorithm 4 of 4: all')).counts, [12, 12, 12, 12]);
    deepEqual(bars(section(output, 'Algorithm 2 of 4: weighted')).lengths, [20, 16, 8, 4]);

    const killed = section(output, 'A worker is killed: n3');
    match(killed, /^ {2}n3 .* 2 {2}killed$/m);
    const seen = section(output, 'What you have seen');
    const [, ...ledger] = /(\d+) sent = (\d+) answered \+ (\d+) errors \+ (\d+) lost/.exec(seen) ?? [];
    const [sent = 0, answered = 0, errors = 0, lost = 0] = ledger.map(Number);
    equal(sent, 12);
    equal(answered + errors + lost, sent);
    ok(lost > 0, 'the message in the hands of the killed worker is lost in plain mode');
    // What no worker answered did arrive at the killed one.
    equal(bars(killed).counts.reduce((sum, count) => sum + count, 0) + errors, sent);

    match(seen, /the next message after the restart was answered \(by\s+jobs@pools\.localhost\/~n\d\)/);
    match(seen, /still the one that was set \(urn:xmpp:cmr:mostactive\)/);
    match(seen, /still has 3 of 3 workers/);
    match(output, /\nEvery figure was as promised\.\n/);
    ok(!output.includes('NOT '), output);
  });

  it('shows the stanzas and files that it uses, in lines of at most 80 columns and without colours', async function () {
    this.timeout(60_000);
    demo = new QuickstartProcess();
    await demo.shows('Algorithm 2 of 4');
    const { output } = demo;
    match(output, /<presence to="jobs@pools\.localhost">\s+<priority>\d<\/priority>\s+<\/presence>/);
    match(output, /<cmr xmlns="urn:xmpp:cmr:0" algorithm="urn:xmpp:cmr:roundrobin"\/>/);
    match(output, /from\s+jobs@pools\.localhost\/sensor@localhost\/demo/);
    match(output, /"workers": \["worker@localhost"\]/);
    deepEqual(
      output.split('\n').filter((line) => line.length > 80),
      [],
    );
    ok(!output.includes('\u001b'));

    demo.signal('SIGINT');
    equal(await demo.ended(), 130, demo.output);
    match(demo.output, /Interrupted: all processes are ended/);
    deepEqual([demo.processesLeft(), demo.foldersLeft()], [[], []]);
  });

  it('cleans up when Ctrl-C comes while everything starts', async function () {
    this.timeout(60_000);
    demo = new QuickstartProcess();
    await demo.shows('Now starting');
    demo.signal('SIGINT');
    // From a terminal it comes to npm as well, which passes it on.
    demo.signal('SIGINT');
    equal(await demo.ended(), 130, demo.output);
    deepEqual([demo.processesLeft(), demo.foldersLeft()], [[], []]);
  });

  it('leaves no process even when it is killed itself', async function () {
    this.timeout(60_000);
    demo = new QuickstartProcess();
    await demo.shows('Algorithm 1 of 4');
    ok(demo.processesLeft().length >= 2, 'Prosody and the router run on files of the temporary folder');
    demo.signal('SIGKILL');
    await demo.ended();
    while (demo.processesLeft().length > 0) await sleep(20);
  });

  it('refuses flags that it does not know', async () => {
    demo = new QuickstartProcess(['--stya']);
    equal(await demo.ended(), 2);
    match(demo.output, /Usage: .*--stay/);
  });
});
