// `npm test`: installs what the tests need, checks the code, runs every group of tests under
// coverage, and ends with one line: `N passed, N failed, N skipped`.
//
//   npm test                    everything, two groups at a time
//   npm test -- --only unit     one group, or one folder of test/, without the check
//   npm run test:all            also the long groups, fuzzing with FUZZ_RUNS runs (50 000 unless set),
//                               and some groups with another Node; what properties and faults are tried
//                               with is new each time
//
// `npm test` tries properties and faults with the same numbers each time, or with those of TEST_SEED.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, env, execPath, exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { run, seconds, tool } from './command.mjs';
import { sideBySide } from './side-by-side.mjs';

const home = fileURLToPath(new URL('../', import.meta.url));

/**
 * Folders of test/ that share a mocha process, their budget in seconds on two cores beside another
 * group, and what they need. A long one is left to `npm run test:all`, unless it is named.
 */
const groups = [
  { name: 'unit', folders: ['unit', 'property', 'router'], budget: 150, needs: [] },
  { name: 'store', folders: ['store'], budget: 90, needs: [] },
  { name: 'link', folders: ['link'], budget: 30, needs: [] },
  { name: 'hostile', folders: ['hostile'], budget: 110, needs: ['--prosody', '--ejabberd'] },
  { name: 'client', folders: ['client'], budget: 110, needs: ['--build', '--prosody', '--ejabberd', '--slixmpp'] },
  { name: 'check', folders: ['check'], budget: 60, needs: [] },
  { name: 'prosody', folders: ['prosody'], budget: 160, needs: ['--build', '--prosody', '--slixmpp', '--profanity'] },
  {
    name: 'ejabberd',
    folders: ['ejabberd'],
    budget: 150,
    needs: ['--build', '--ejabberd', '--prosody', '--slixmpp', '--profanity'],
  },
  { name: 'jabberd2', folders: ['jabberd2'], budget: 20, needs: ['--jabberd2', '--slixmpp'] },
  { name: 'postgres', folders: ['postgres'], budget: 300, needs: ['--build', '--postgres', '--prosody', '--ejabberd'] },
  { name: 'quickstart', folders: ['quickstart'], budget: 60, needs: ['--build', '--prosody', '--slixmpp'] },
  { name: 'contrib', folders: ['contrib'], budget: 90, needs: ['--build', '--prosody', '--promtool'] },
  { name: 'browser', folders: ['console'], budget: 80, needs: ['--build', '--prosody', '--chromium'] },
  { name: 'faults', folders: ['faults'], budget: 150, needs: ['--build', '--prosody', '--ejabberd', '--slixmpp'] },
  {
    name: 'failover',
    folders: ['failover'],
    budget: 180,
    needs: ['--build', '--postgres', '--prosody', '--ejabberd'],
  },
  { name: 'scale', folders: ['scale'], budget: 120, needs: ['--ejabberd'], long: true },
];

/** What the tests draw their numbers from: the same for each run of the same code, unless it is a long one. */
const seed = env.TEST_SEED ?? (argv.includes('--all') ? String(Math.floor(Math.random() * 2 ** 31)) : '1');

/** For `--all`: fuzzing for minutes, in tests that have the time for it. */
const longFuzz = { env: { FUZZ_RUNS: env.FUZZ_RUNS ?? '50000' }, arguments: ['--timeout', '1200000'], seconds: 1200 };

/** The groups that `--only` names; a folder's name narrows its group to that folder. */
function chosenGroups(names) {
  if (names.length === 0) {
    return groups.filter((group) => everything || group.long !== true);
  }
  return names.map((name) => {
    const group = groups.find((each) => each.name === name) ?? groups.find((each) => each.folders.includes(name));
    if (group === undefined) {
      console.error(`No such group: ${name}. There are: ${groups.map((each) => each.name).join(', ')}`);
      exit(2);
    }
    return group.name === name ? group : { ...group, folders: [name] };
  });
}

function hasTests(folder) {
  const path = join(home, 'test', folder);
  return existsSync(path) && readdirSync(path, { recursive: true }).some((file) => String(file).endsWith('.test.ts'));
}

/** What a step came to that has no tests to count, and failed. */
function failure(reason) {
  return { passed: 0, failed: 1, skipped: 0, skips: [], failures: [reason] };
}

/**
 * Where a group may listen: each place has ports of its own, or one might take what another has just
 * found free. All of them lie below those that systems give to the near ends of connections.
 */
const portRanges = ['15000-23499', '23500-31999'];

/** A group waits for servers more than it works: two cores do two of them in the time of one. */
const places = Math.min(portRanges.length, availableParallelism());

/**
 * Runs a program of ours, and shows what it says: at once where it is alone, else when it has ended,
 * so that nobody reads two of them in turns.
 */
async function tell(name, file, args, { scratch, alone, ...options }) {
  if (alone) {
    console.log(`\n== ${name}`);
    return run(file, args, { ...options, show: true });
  }
  console.log(`begins: ${name}`);
  const log = join(scratch, `${name}.log`);
  const outcome = await run(file, args, { ...options, log });
  stdout.write(`\n== ${name}\n${readFileSync(log, 'utf8')}`);
  return outcome;
}

/** Runs one group in a mocha of its own, so that a crash there is one failure and no more. */
async function runGroup(group, { scratch, alone, place }) {
  const folders = group.folders.filter(hasTests);
  if (folders.length === 0) {
    return failure(`${group.name}: no test in this group`);
  }
  const start = performance.now();
  const file = join(scratch, `${group.name}.json`);
  const long = everything ? longFuzz : { env: {}, arguments: [], seconds: 0 };
  const colours = stdout.isTTY ? ['--color'] : [];
  const patterns = folders.map((folder) => `test/${folder}/**/*.test.ts`);
  const { code, signal } = await tell(
    group.name,
    execPath,
    ['node_modules/mocha/bin/mocha.js', ...colours, ...long.arguments, ...patterns],
    {
      scratch,
      alone,
      limit: 10 * group.budget + long.seconds,
      env: {
        TEST_SUMMARY: file,
        TEST_PORTS: portRanges[place],
        TEST_SEED: seed,
        FAULT_SEED: env.FAULT_SEED ?? seed,
        NODE_V8_COVERAGE: join(home, 'coverage/tmp'),
        // Routers of tests start from it faster than from the sources.
        TEST_BUILT: String(needs.has('--build') && bootstrap.code !== 4),
        ...long.env,
      },
    },
  );
  const spent = (performance.now() - start) / 1000;
  console.log(
    `${group.name}: ${spent.toFixed(1)} s of ${group.budget} s${spent > group.budget ? ' - over budget' : ''}`,
  );
  if (!existsSync(file)) {
    return failure(`${group.name}: ended without a summary (code ${code}${signal === null ? '' : `, ${signal}`})`);
  }
  const summary = JSON.parse(readFileSync(file, 'utf8'));
  if (code !== 0 && summary.failed === 0) {
    return { ...summary, failed: 1, failures: [`${group.name}: ended with code ${code} though no test failed`] };
  }
  return summary;
}

/** One step of ours that counts as a test: the check, the coverage thresholds. */
async function step(name, file, args, where) {
  const { code } = await tell(name, file, args, where);
  return code === 0 ? { passed: 1, failed: 0, skipped: 0, skips: [], failures: [] } : failure(`${name}: see above`);
}

/** The check where it belongs to it, and the groups, the long ones first: so that all end at about the same time. */
async function runAll(scratch) {
  const longFirst = chosen.toSorted((a, b) => b.budget - a.budget);
  const tasks = longFirst.map((group) => (where) => runGroup(group, where));
  if (only.length === 0) tasks.unshift((where) => step('npm run check', execPath, ['scripts/check.mjs'], where));
  const alone = places === 1 || tasks.length === 1;
  return sideBySide(tasks, places, (perform, place) => perform({ scratch, alone, place }));
}

/** Groups that touch what differs between versions of Node: the language, files and threads, sockets, all of it. */
const nodeGroups = ['unit', 'store', 'link', 'prosody'];

/** The same tests with the other major version of Node, in a copy of the project. */
async function runSecondNode() {
  const name = 'another Node';
  console.log(`\n== ${name}`);
  const { code } = await run(execPath, ['scripts/second-node.mjs', ...nodeGroups], { show: true, limit: 1800 });
  if (code === 0) return { passed: 1, failed: 0, skipped: 0, skips: [], failures: [] };
  // 3: there is none for this machine.
  if (code !== 3 || env.CI === 'true') return failure(`${name}: see above`);
  return { passed: 0, failed: 0, skipped: 1, skips: [`${name}: npm has none for this machine`], failures: [] };
}

const arguments_ = argv.slice(2);
const everything = arguments_.includes('--all');
const only = arguments_.filter((argument) => !argument.startsWith('--'));
if (
  arguments_.some((argument) => argument.startsWith('--') && argument !== '--only' && argument !== '--all') ||
  (arguments_.includes('--only') && only.length === 0)
) {
  console.error('Usage: npm test [-- --all] [-- --only GROUP...]');
  exit(2);
}
const chosen = chosenGroups(only);
const start = performance.now();

console.log(`properties and faults: TEST_SEED=${seed}`);
const needs = new Set(chosen.flatMap((group) => group.needs));
const bootstrap = await run(execPath, ['scripts/bootstrap.mjs', ...needs], { show: true });
const results = [];
if (bootstrap.code === 4) {
  // No build: that is a failure of its own, and the tests of the sources still tell something.
  results.push(failure('npm run build: see above'));
}
// 3: a server could not be installed; its tests say so by skipping.
if (![0, 3, 4].includes(bootstrap.code)) {
  results.push(failure('npm run bootstrap: see above'));
} else {
  rmSync(join(home, 'coverage'), { recursive: true, force: true });
  const scratch = mkdtempSync(join(tmpdir(), 'switchyard-test-'));
  results.push(...(await runAll(scratch)));
  if (only.length === 0) {
    results.push(await step('coverage', tool('c8'), ['report'], { scratch, alone: true }));
  }
  if (only.length === 0 && everything) {
    results.push(await runSecondNode());
  }
  rmSync(scratch, { recursive: true, force: true });
}

const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
const [passed, failed, skipped] = [total('passed'), total('failed'), total('skipped')];
for (const skip of results.flatMap((result) => result.skips)) {
  console.log(`skipped: ${skip}`);
}
// Again at the end, where whoever sees only the last lines of a long log finds them.
for (const reason of results.flatMap((result) => result.failures)) {
  console.log(`failed: ${reason}`);
}
console.log(`\nall of it: ${seconds(start)}${env.CI === 'true' ? ', with CI=true' : ''}`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
exit(failed > 0 || passed === 0 ? 1 : 0);
