import { existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { arch, availableParallelism, freemem, platform, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { Config } from '../../config/config.ts';
import { placeOf } from '../../store/postgres/settings.ts';
import { bytes, span } from '../terminal/amounts.ts';
import { packageVersion } from '../version.ts';

/** A line of the report: what, and how it is. */
export type Fact = readonly [what: string, value: string];

/** What this program runs on. Of the environment the names are told, never a value but of what steers Node. */
export function programFacts(): readonly Fact[] {
  const { versions, execArgv, env } = process;
  const names = Object.keys(env).filter((name) => name.startsWith('SWITCHYARD_'));
  return [
    ['Switchyard', packageVersion()],
    ['Node', `${versions.node} (V8 ${versions.v8}, modules ${versions.modules})`],
    ['System', `${platform()} ${release()} ${arch()}`],
    ['Processors', String(availableParallelism())],
    ['Memory', `${bytes(freemem())} free of ${bytes(totalmem())}; limit ${limitOfMemory()}`],
    ['Open files', limitOfFiles()],
    ['User', process.getuid?.() === 0 ? 'root' : String(process.getuid?.() ?? 'not known')],
    ['Node options', [...execArgv, env['NODE_OPTIONS'] ?? ''].join(' ').trim() || 'none'],
    ['Variables', names.length === 0 ? 'none of SWITCHYARD_*' : `${names.sort().join(', ')} (values not shown)`],
  ];
}

/** How large the database is, and how much room there is beside it. */
export function storeFacts({ store }: Config): readonly Fact[] {
  if (store.driver === 'memory') return [['Database', 'in memory: it ends with the process']];
  if (store.driver === 'postgres') return [['Database', placeOf(store)]];
  const { file } = store;
  const sizes = ['', '-wal', '-shm'].map((suffix): Fact => [`${file}${suffix}`, sizeOf(`${file}${suffix}`)]);
  return [...sizes, ['Room beside it', roomBeside(file)]];
}

function sizeOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return 'not there';
  const mode = (found.mode & 0o777).toString(8);
  return `${bytes(found.size)}, mode ${mode}, written ${span(Date.now() - found.mtimeMs)} ago`;
}

function roomBeside(file: string): string {
  const folder = dirname(file);
  if (!existsSync(folder)) return 'the folder is not there';
  const { bavail, blocks, bsize } = statfsSync(folder);
  return `${bytes(bavail * bsize)} free of ${bytes(blocks * bsize)}`;
}

/** What a container allows, as far as the kernel tells (cgroup 2). */
function limitOfMemory(): string {
  const limit = textOf('/sys/fs/cgroup/memory.max');
  return /^\d+$/.test(limit) ? bytes(Number(limit)) : 'none that is told';
}

function limitOfFiles(): string {
  const [, soft = ''] = /^Max open files\s+(\S+)/m.exec(textOf('/proc/self/limits')) ?? [];
  return soft === '' ? 'not known' : soft;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
