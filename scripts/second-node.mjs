// Runs groups of tests with the other major version of Node that Switchyard is tested on: 24, or
// 20 when this is 24. Node comes from npm. It gets a copy of the project with a node_modules of
// its own in .build/, because the binary of better-sqlite3 is made for one major version.
//
//   node scripts/second-node.mjs GROUP...
//
// Ends with 3 when npm has no such Node for this machine, else as the tests end.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, join, relative, sep } from 'node:path';
import { arch, argv, env, exit, platform, versions } from 'node:process';
import { fileURLToPath } from 'node:url';
import { run } from './command.mjs';

const home = fileURLToPath(new URL('../', import.meta.url));
const unavailable = 3;
const major = versions.node.startsWith('24.') ? 20 : 24;
const place = join(home, `.build/node${major}`);
const tree = join(place, 'tree');

/** What is made, not written: never copied, and kept in the copy from one run to the next. */
const made = ['node_modules', '.build', 'dist', '.git', 'coverage', 'data'];
/** Tools want one of these in a project, and take the copy for a part of it. */
const unwanted = ['biome.json'];

async function show(file, args, options) {
  console.log(`$ ${[file, ...args].join(' ')}`);
  const { code } = await run(file, args, { show: true, ...options });
  return code;
}

/** The folder of a Node from npm, with its headers, or `undefined`. */
async function install() {
  const name = `node-${platform}-${arch}`;
  const folder = join(place, 'node_modules', name);
  const node = join(folder, 'bin/node');
  if (existsSync(node)) return folder;
  mkdirSync(place, { recursive: true });
  const code = await show('npm', ['install', '--no-save', '--no-package-lock', '--prefix', place, `${name}@${major}`]);
  return code === 0 && existsSync(node) ? folder : undefined;
}

function copyProject() {
  mkdirSync(tree, { recursive: true });
  for (const name of readdirSync(tree)) {
    if (!made.includes(name)) rmSync(join(tree, name), { recursive: true, force: true });
  }
  for (const name of readdirSync(home)) {
    if (made.includes(name) || unwanted.includes(name)) continue;
    const skip = (path) => relative(home, path).split(sep).includes('node_modules');
    cpSync(join(home, name), join(tree, name), { recursive: true, filter: (path) => !skip(path) });
  }
}

const folder = await install();
if (folder === undefined) {
  console.log(`npm has no Node ${major} for ${platform} ${arch}, or could not be asked.`);
  exit(unavailable);
}
copyProject();
// Long fuzzing is for one Node, and for tests that are given the time.
delete env.FUZZ_RUNS;
const environment = {
  PATH: `${join(folder, 'bin')}${delimiter}${env.PATH ?? ''}`,
  // Its own headers, for what has to be compiled; npm may be set up for those of the system's Node.
  npm_config_nodedir: folder,
};
exit(await show('node', ['scripts/test.mjs', '--only', ...argv.slice(2)], { cwd: tree, env: environment }));
