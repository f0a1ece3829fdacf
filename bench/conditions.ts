import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { inFlight } from './cell.ts';
import { messageLength } from './mock/source.ts';
import type { Options } from './options.ts';
import { service } from './scene.ts';
import { slixmppVersion } from './variants/slixmpp.ts';

/** Where and how a run was made: pairs of a name and its value, for people. */
export type Conditions = readonly (readonly [name: string, value: string])[];

/** Reads the conditions of this machine; to be called before a run. */
export function machine(): Conditions {
  const cores = cpus();
  return [
    ['Date', `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['Processor', `${cores[0]?.model ?? 'unknown'}, ${cores.length} cores`],
    ['Memory', `${(totalmem() / 2 ** 30).toFixed(0)} GiB`],
    ['Kernel', `${type()} ${release()}`],
    ['Load average before', (loadavg()[0] ?? 0).toFixed(2)],
    ['Node.js', process.version],
    ['Switchyard', `${versionOf('../package.json')}${commit()}`],
    ['@xmpp/component', versionOf('../node_modules/@xmpp/component/package.json')],
  ];
}

/** Reads the conditions of this machine and of a run against the mock; to be called before it. */
export function conditions({ rounds, seconds, messages }: Options): Conditions {
  return [
    ...machine(),
    ['slixmpp', slixmppVersion() ?? 'not installed'],
    ['Rounds', `${rounds}, interleaved; processes of their own for every round`],
    ['Timed phase', messages === undefined ? `${seconds} s after 1 s of warming up` : `${messages} messages`],
    [
      'Messages',
      `${messageLength} bytes each, from ${service.senders} senders to one pool of ${service.workers.length} workers`,
    ],
    ['Under way at once', String(inFlight)],
  ];
}

/** The version of an installed package of Debian. */
export function packageVersion(name: string): string {
  try {
    const line = execFileSync('dpkg-query', ['--show', name], { encoding: 'utf8', stdio: 'pipe' });
    return line.trim().split('\t')[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function versionOf(path: string): string {
  try {
    const content: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
    if (typeof content === 'object' && content !== null && 'version' in content) return String(content.version);
  } catch {
    // Not installed.
  }
  return 'unknown';
}

/** The commit that was measured, and whether files differ from it. */
function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: new URL('.', import.meta.url), encoding: 'utf8', stdio: 'pipe' }).trim();
    const changed = git('status', '--porcelain', '--', '../src') === '' ? '' : ' with changes';
    return ` (commit ${git('rev-parse', '--short', 'HEAD')}${changed})`;
  } catch {
    return '';
  }
}
