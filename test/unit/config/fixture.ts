import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, type ConfigIssue } from '../../../src/config/issue.ts';
import { type ConfigSources, type LoadedConfig, loadConfig } from '../../../src/config/load.ts';

/** A configuration with nothing but what is required. */
export const minimal = {
  component: { service: 'xmpp://127.0.0.1:5347', domain: 'pools.example.org', secret: 's3cret' },
  pools: { jobs: { workers: ['worker@example.org'] } },
};

/** The minimal configuration with other values for one pool. */
export function withPool(pool: Readonly<Record<string, unknown>>): object {
  return { ...minimal, pools: { jobs: { ...minimal.pools.jobs, ...pool } } };
}

/** The minimal configuration with other values for the component. */
export function withComponent(component: Readonly<Record<string, unknown>>): object {
  return { ...minimal, component: { ...minimal.component, ...component } };
}

/** Runs `use` with a fresh folder. */
export function inFolder<Result>(use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-config-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Loads `content` from a file `c.json`, objects as JSON with one key a line. */
export function load(content: string | object, more: Omit<ConfigSources, 'file'> = {}): LoadedConfig {
  return inFolder((folder) => {
    const file = join(folder, 'c.json');
    const text = typeof content === 'string' ? content : JSON.stringify(content, undefined, 2);
    writeFileSync(file, text, { mode: 0o600 });
    return loadConfig({ file, ...more });
  });
}

/** The error of loading; fails when there is none. The folder is cut from the places. */
export function refusal(content: string | object, more: Omit<ConfigSources, 'file'> = {}): ConfigError {
  try {
    load(content, more);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('The configuration was not refused.');
}

/** The issues of loading, with places such as `file c.json:3`. */
export function issues(content: string | object, more: Omit<ConfigSources, 'file'> = {}): readonly ConfigIssue[] {
  return refusal(content, more).issues.map((issue) => ({ ...issue, source: shortened(issue.source) }));
}

/** Issues as `path | found | problem | suggestion | source`. */
export function lines(content: string | object, more: Omit<ConfigSources, 'file'> = {}): readonly string[] {
  return issues(content, more).map(asLine);
}

/** The warnings of loading, as `lines`. */
export function warnings(content: string | object): readonly string[] {
  return load(content).warnings.map((issue) => asLine({ ...issue, source: shortened(issue.source) }));
}

function asLine({ path, found, problem, suggestion, source }: ConfigIssue): string {
  return [path, found, problem, suggestion, source].join(' | ');
}

function shortened(source: string): string {
  return source.replace(/^file .*\//, 'file ');
}
