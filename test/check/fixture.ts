import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('../../', import.meta.url));

/** What a tool said about a planted file, and how it ended. */
export interface Verdict {
  readonly code: number | null;
  readonly output: string;
}

/** A small project with our own settings, in a temporary folder, to plant violations in. */
export interface Fixture {
  readonly folder: string;
  /** Writes a file; folders are made as needed. */
  plant(path: string, text: string): void;
  /** Runs one of the project's tools there. */
  run(tool: string, ...args: string[]): Verdict;
  remove(): void;
}

const settings = [
  'package.json',
  'tsconfig.json',
  'src/core/tsconfig.json',
  '.dependency-cruiser.cjs',
  '.oxlintrc.json',
  'biome.json',
];

export function makeFixture(): Fixture {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-fixture-'));
  const plant = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const path of settings) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(home, path), join(folder, path));
  }
  symlinkSync(join(home, 'node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    plant,
    run(tool, ...args) {
      const { status, stdout, stderr } = spawnSync(join(home, 'node_modules/.bin', tool), args, {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', NODE_V8_COVERAGE: '' },
      });
      return { code: status, output: stdout + stderr };
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
