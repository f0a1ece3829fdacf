// Makes a clone ready to build, test and run: npm packages, dist, Debian packages.
// Asks for nothing that is there already, and prints every command that it runs.
//
//   node scripts/bootstrap.mjs [--build] [--prosody] [--ejabberd] [--jabberd2] [--slixmpp] [--promtool]
//                             [--chromium] [--profanity] [--postgres]
//
// Ends with 1 when nothing can go on (an old Node, no npm packages), with 4 when the build
// failed, and with 3 when only a Debian package is missing; then it has said what to type.
import { accessSync, constants, existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { argv, env, exit, getuid, versions } from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildAll } from './builds.mjs';
import { run } from './command.mjs';
import { oneAtATime } from './one-at-a-time.mjs';

const home = fileURLToPath(new URL('../', import.meta.url));
const missing = 3;
const unbuilt = 4;

/** Debian's packages: how each shows that it is there. */
const debian = {
  prosody: { packages: ['prosody'], services: ['prosody'], present: () => onPath('prosody') },
  ejabberd: {
    packages: ['ejabberd'],
    services: ['ejabberd', 'epmd.socket', 'epmd'],
    present: () => onPath('ejabberdctl'),
  },
  jabberd2: {
    packages: ['jabberd2'],
    services: ['jabberd', 'jabberd-router', 'jabberd-sm', 'jabberd-c2s', 'jabberd-s2s'],
    present: () => onPath('jabberd2-router'),
  },
  chromium: { packages: ['chromium'], services: [], present: () => onPath('chromium') },
  slixmpp: {
    packages: ['python3-slixmpp'],
    services: [],
    present: () => existsSync('/usr/lib/python3/dist-packages/slixmpp/__init__.py'),
  },
  promtool: {
    packages: ['prometheus'],
    services: ['prometheus'],
    present: () => onPath('promtool'),
  },
  profanity: {
    packages: ['profanity', 'tmux'],
    services: [],
    present: () => ['profanity', 'tmux'].every(onPath),
  },
  postgres: {
    packages: ['postgresql', 'pgbouncer'],
    services: ['postgresql', 'pgbouncer'],
    present: () => hasPostgres() && onPath('pgbouncer'),
  },
  compiler: {
    packages: ['python3', 'make', 'g++'],
    services: [],
    present: () => ['python3', 'make', 'g++'].every(onPath),
  },
};

function onPath(program) {
  // Debian keeps servers in /usr/sbin, which is not on every user's path.
  return [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin'].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Debian keeps each major version in a folder of its own; 15 is the oldest that serves. */
function hasPostgres() {
  const folder = '/usr/lib/postgresql';
  return existsSync(folder) && readdirSync(folder).some((version) => Number(version) >= 15);
}

function nodeIsOld() {
  const [major = 0, minor = 0] = versions.node.split('.').map(Number);
  return major < 20 || (major === 20 && minor < 19);
}

async function show(file, args, environment = {}) {
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  console.log(`$ ${[...settings, file, ...args].join(' ')}`);
  const { code } = await run(file, args, { show: true, env: environment });
  return code;
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(join(home, path), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether node_modules holds just what the lock file says. */
function packagesAreCurrent() {
  const wanted = readJson('package-lock.json')?.packages;
  const installed = readJson('node_modules/.package-lock.json')?.packages;
  if (wanted === undefined || installed === undefined) {
    return false;
  }
  const same = packagesOf(wanted).every(([path, entry]) => {
    const found = installed[path];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
  return same && packagesOf(installed).every(([path]) => wanted[path] !== undefined) && workspacesAreLinked(wanted);
}

/** What npm fetches: not the project itself, nor its workspaces and the links to them. */
function packagesOf(lock) {
  return Object.entries(lock).filter(([path, entry]) => path.startsWith('node_modules/') && entry.link !== true);
}

function workspacesAreLinked(lock) {
  const links = Object.entries(lock).filter(([, entry]) => entry.link === true);
  return links.every(([path]) => lstatSync(join(home, path), { throwIfNoEntry: false })?.isSymbolicLink() === true);
}

const held = [];

/** better-sqlite3 is compiled for one major version of Node. */
function databaseLoads() {
  try {
    const Database = createRequire(join(home, 'package.json'))('better-sqlite3');
    // Held: Node 24 aborts when one of better-sqlite3 12 is collected as garbage.
    held.push(new Database(':memory:'));
    held.at(-1).close();
    return true;
  } catch {
    return false;
  }
}

async function installPackages() {
  if (!packagesAreCurrent()) {
    if (lstatSync(join(home, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      // npm ci empties the folder that the link leads to, under whoever else uses it.
      console.log('node_modules is a link, and not what package-lock.json says. Run npm ci where it leads to.');
      return 1;
    }
    const code = await show('npm', ['ci', '--include=dev']);
    if (code !== 0 && debian.compiler.present()) {
      return code;
    }
    if (code !== 0) {
      console.log('No ready-made better-sqlite3 could be had, it seems, so it must be compiled.');
      return (await installDebian('compiler')) === 0 ? show('npm', ['ci', '--include=dev']) : 1;
    }
  }
  if (!databaseLoads()) {
    console.log(`better-sqlite3 does not load in Node ${versions.node}.`);
    return (await installDebian('compiler')) === 0 ? show('npm', ['rebuild', 'better-sqlite3']) : 1;
  }
  return 0;
}

/**
 * How apt may be called, or `undefined`. Debian's maintainer scripts start a new service by
 * deb-systemd-invoke (systemctl, which does nothing when SYSTEMD_OFFLINE is set) or by
 * invoke-rc.d (which starts nothing that has no link in the run level that RUNLEVEL names).
 * So these two keep a fresh server from starting, and leave nothing behind.
 */
async function aptPrefix() {
  const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'SYSTEMD_OFFLINE=1', 'RUNLEVEL=1', 'PREVLEVEL=N'];
  if (!onPath('apt-get')) {
    return undefined;
  }
  if (getuid?.() === 0) {
    return quiet;
  }
  return onPath('sudo') && (await run('sudo', ['-n', 'true'])).code === 0 ? ['sudo', '-n', ...quiet] : undefined;
}

async function installDebian(name) {
  const { packages, services, present } = debian[name];
  if (present()) {
    return 0;
  }
  const prefix = await aptPrefix();
  if (prefix === undefined) {
    console.log(`Missing: ${packages.join(', ')}. As root, type:\n\n    apt-get install ${packages.join(' ')}\n`);
    return missing;
  }
  const [file = 'env', ...rest] = prefix;
  const install = [...rest, 'apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  let code = await show(file, install);
  if (code !== 0) {
    await show(file, [...rest, 'apt-get', 'update']);
    code = await show(file, install);
  }
  if (code === 0 && services.length > 0 && existsSync('/run/systemd/system')) {
    // Installed for tests: it must not come up with the next boot either.
    await show(file, [...rest, 'systemctl', 'disable', ...services]);
  }
  if (!present()) {
    console.log(`apt could not install ${packages.join(', ')}; see above.`);
  }
  return present() ? 0 : missing;
}

if (nodeIsOld()) {
  console.error(`Switchyard needs Node 20.19 or newer; this is Node ${versions.node}.`);
  exit(1);
}
const wants = argv.slice(2).map((argument) => argument.replace(/^--/, ''));
const unknown = wants.filter((want) => want !== 'build' && !(want in debian));
if (unknown.length > 0) {
  console.error(`bootstrap.mjs: no such thing to install: ${unknown.join(', ')}`);
  exit(1);
}
await oneAtATime(join(home, '.build'));
if ((await installPackages()) !== 0) {
  console.error('The npm packages could not be installed; see above.');
  exit(1);
}
let result = 0;
for (const want of wants.filter((name) => name !== 'build')) {
  result = Math.max(result, await installDebian(want));
}
if (wants.includes('build') && (await buildAll(show)) !== 0) {
  console.error('The build failed; see above.');
  result = unbuilt;
}
exit(result);
