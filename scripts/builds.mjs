// What `npm run bootstrap` builds, each only when its sources have changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('../', import.meta.url));

/** What is built, in this order: with what, of which sources, and where the result goes. */
const builds = [
  {
    name: 'router',
    tool: 'tsc',
    arguments: ['-p', 'tsconfig.build.json', '--outDir', '.build/router'],
    sources: ['src'],
    settings: ['tsconfig.build.json'],
    to: 'dist',
  },
  {
    name: 'client',
    tool: 'tsc',
    arguments: ['-p', 'client/tsconfig.json', '--outDir', '.build/client'],
    sources: ['client/src', 'client/types'],
    settings: ['client/package.json', 'client/tsconfig.json'],
    to: 'client/dist',
  },
  {
    // In dist, so it is built again whenever the router is.
    name: 'console',
    tool: 'vite',
    arguments: ['build', 'console', '--outDir', '../.build/console', '--logLevel', 'warn'],
    sources: ['console/src'],
    settings: ['console/index.html', 'console/tsconfig.json', 'console/vite.config.ts'],
    to: 'dist/console',
  },
];

function* sources(folder) {
  const entries = readdirSync(join(home, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      yield* sources(path);
    } else {
      yield path;
    }
  }
}

function hashOfSources({ settings, sources: folders }) {
  const hash = createHash('sha256');
  const common = ['package.json', 'package-lock.json', 'tsconfig.json'];
  for (const path of [...common, ...settings, ...folders.flatMap((folder) => [...sources(folder)])]) {
    hash.update(`${path}\0`).update(readFileSync(join(home, path)));
  }
  return hash.digest('hex');
}

/** Builds beside the old one and swaps, so that whoever runs it never sees half of it. */
async function build(plan, show) {
  const stamp = join(home, `.build/${plan.name}.sha256`);
  const hash = hashOfSources(plan);
  const target = join(home, plan.to);
  if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) {
    return 0;
  }
  const fresh = join(home, '.build', plan.name);
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const code = await show(`node_modules/.bin/${plan.tool}`, plan.arguments);
  if (code !== 0) {
    return code;
  }
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
  writeFileSync(stamp, hash);
  return 0;
}

/**
 * Builds what has changed.
 * @param show Runs a program as one can see, and gives its exit code.
 * @returns 0, or 1 when one of them failed.
 */
export async function buildAll(show) {
  for (const plan of builds) {
    if ((await build(plan, show)) !== 0) {
      return 1;
    }
  }
  return 0;
}
