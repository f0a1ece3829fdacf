import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** One thing to break: what stands in a file of the build once, and what shall stand there. */
export interface Breakage {
  /** Under `dist/`, or one of `migrations/`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Says that a message is stored, and stores it a while later. */
export const earlyWord: Breakage = {
  file: 'app/core-out.js',
  from: 'commit(change, done) {',
  to: `commit(change, done) {
        if (change.op === 'accept' && done !== undefined) {
            queueMicrotask(() => done(undefined));
            setTimeout(() => this.commit(change), 400);
            return;
        }`,
};

/** A copy of the build that is broken on purpose. */
export interface BrokenBuild {
  /** URL of its folder of modules. */
  readonly home: string;
  remove(): void;
}

/**
 * Copies the build, inside the project so that its packages are found, and breaks the copy. Throws
 * when the text to break is not there once: then the code has changed, and this has to follow.
 */
export function breakBuild(breakages: readonly Breakage[]): BrokenBuild {
  mkdirSync(join(root, '.build'), { recursive: true });
  const folder = mkdtempSync(join(root, '.build', 'broken-'));
  for (const name of ['dist', 'migrations', 'package.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const { file, from, to } of breakages) {
    const path = join(folder, file.startsWith('migrations/') ? '' : 'dist', file);
    const parts = readFileSync(path, 'utf8').split(from);
    if (parts.length !== 2) throw new Error(`${file} holds ${parts.length - 1} times: ${from}`);
    writeFileSync(path, parts.join(to));
  }
  return {
    home: pathToFileURL(join(folder, 'dist/')).href,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
