import { preparedOr, readPoolName } from '../../config/addresses.ts';
import type { EffectiveSetting } from '../../config/effective.ts';
import type { LoadedConfig } from '../../config/load.ts';

/** One difference between two configurations. */
export interface ConfigChange {
  /** The key, such as `pools.jobs.algorithm`. */
  readonly path: string;
  /** What is different, in words. */
  readonly text: string;
  /** Whether the router must be restarted for it. */
  readonly restart: boolean;
}

/** What is settled when the process starts. */
const fixed = [
  'component',
  'store',
  'standby',
  'http',
  'limits.stanza',
  'limits.depth',
  'limits.outBuffer',
  'log.format',
];

/** What is different in `after`, in the order of the schema. The secret is never shown. */
export function changesBetween(before: LoadedConfig, after: LoadedConfig): readonly ConfigChange[] {
  const old = settingsOf(before);
  const next = settingsOf(after);
  const was = poolsOf(before);
  const is = poolsOf(after);
  const changes = poolChanges(was, is);
  for (const path of new Set([...old.keys(), ...next.keys()])) {
    const setting = next.get(path) ?? old.get(path);
    const pool = setting === undefined ? undefined : poolOf(setting);
    // All of a pool that comes or goes is told by one line.
    if (pool !== undefined && !(was.has(pool) && is.has(pool))) continue;
    const [from, to] = [old.get(path)?.value, next.get(path)?.value];
    if (from !== to) changes.push(change(path, `${path}: ${from ?? 'nothing'} -> ${to ?? 'nothing'}`));
  }
  if (before.config.component.secret !== after.config.component.secret) {
    changes.push(change('component.secret', 'component.secret has changed'));
  }
  if (before.config.http.token !== after.config.http.token) {
    changes.push(change('http.token', 'http.token has changed'));
  }
  if (passwordOf(before) !== passwordOf(after)) changes.push(change('store.password', 'store.password has changed'));
  return changes;
}

function passwordOf({ config: { store } }: LoadedConfig): string | undefined {
  return store.driver === 'postgres' ? store.password : undefined;
}

function change(path: string, text: string): ConfigChange {
  return { path, text, restart: fixed.some((key) => path === key || path.startsWith(`${key}.`)) };
}

function poolChanges(was: ReadonlySet<string>, is: ReadonlySet<string>): ConfigChange[] {
  const opened = [...is].filter((name) => !was.has(name));
  const closed = [...was].filter((name) => !is.has(name));
  return [
    ...opened.map((name) => change('pools', `pool ${name} is new`)),
    ...closed.map((name) => change('pools', `pool ${name} is gone`)),
  ];
}

/** An empty map is told by what it does not hold. */
function settingsOf({ sources }: LoadedConfig): ReadonlyMap<string, EffectiveSetting> {
  return new Map(sources.filter(({ value }) => value !== '{}').map((setting) => [setting.path, setting]));
}

function poolsOf({ config }: LoadedConfig): ReadonlySet<string> {
  return new Set(config.service.pools.map(({ name }) => name));
}

/** The pool that a setting is of, under the name that its address has. */
function poolOf({ keys: [section, name] }: EffectiveSetting): string | undefined {
  return section === 'pools' && typeof name === 'string' ? preparedOr(readPoolName, name) : undefined;
}
