import { dirname, resolve } from 'node:path';
import { assemble } from './assemble.ts';
import type { Config } from './config.ts';
import { findContradictions } from './contradictions/contradictions.ts';
import { type EffectiveSetting, effectiveSettings } from './effective.ts';
import { applyEnvironment } from './environment.ts';
import { readConfigFile } from './file.ts';
import { applyFlags } from './flags.ts';
import { ConfigError, type ConfigIssue, type KeyPath } from './issue.ts';
import { IssueList } from './issue-list.ts';
import { Layers, valueAt } from './layers.ts';
import { addMadePools, type MadePool } from './made-pools.ts';
import { findPassword, passwordPlace } from './password.ts';
import { readRepaired } from './repair.ts';
import { remarksOf } from './schema/issues.ts';
import { configSchema } from './schema/schema.ts';
import { type FoundSecret, findSecret, preferStrongerSecret, secretPlace } from './secret.ts';
import type { Environment } from './service-links.ts';
import { findToken, tokenPlace } from './token.ts';

/** Where the configuration comes from. */
export interface ConfigSources {
  /** Path of the configuration file. Without one there are only environment, flags and defaults. */
  readonly file?: string | undefined;
  /** Usually `process.env`; only names that begin with `SWITCHYARD_` are looked at. */
  readonly env?: Environment;
  /** Command-line flags by dotted path, such as `{ 'log.level': 'debug' }`; they win over all else. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** The version of Switchyard, which `jabber:iq:version` answers with. */
  readonly version?: string;
  /** Pools that were made while a router ran. */
  readonly made?: readonly MadePool[];
}

/** A configuration that can be used. */
export interface LoadedConfig {
  readonly config: Config;
  /** Doubtful, but not refused. */
  readonly warnings: readonly ConfigIssue[];
  /** Every value with its source, as `explain` prints them. */
  readonly sources: readonly EffectiveSetting[];
  /** Names of pools that were made, and that the file has for pools of its own. */
  readonly taken: readonly string[];
  /** Names of the other pools that were made. */
  readonly made: readonly string[];
  /**
   * The same with other pools that were made, and without a look at the file: what somebody writes
   * there meanwhile is not taken up by the way. Throws `ConfigError`.
   */
  readonly withMade: (made: readonly MadePool[]) => LoadedConfig;
}

/** What stands outside of the layers, once found. */
interface Found {
  readonly secret: FoundSecret;
  readonly token: string | undefined;
  readonly password: string | undefined;
}

/**
 * Reads, checks and freezes the configuration: flags over environment over file over defaults.
 * Relative paths start from the folder of the file, or the working directory without one.
 * Throws `ConfigError` with everything that is wrong.
 */
export function loadConfig(from: ConfigSources): LoadedConfig {
  const layers = new Layers();
  const errors = new IssueList(layers);
  if (from.file !== undefined) readConfigFile(from.file, layers, errors);
  return resolveLayers(from, layers.clone(), layers, errors, from.made ?? []);
}

/**
 * @param base What the file says.
 * @param layers The same, to be written over; `errors` are about it.
 * @param known What was found before, when all of this is read a second time.
 */
function resolveLayers(
  from: ConfigSources,
  base: Layers,
  layers: Layers,
  errors: IssueList,
  made: readonly MadePool[],
  known?: Found,
): LoadedConfig {
  const warnings = new IssueList(layers);
  const taken = addMadePools(layers, made);
  applyEnvironment(layers, from.env ?? {}, errors, warnings);
  applyFlags(layers, from.overrides ?? {}, errors);
  for (const place of [secretPlace, tokenPlace, passwordPlace]) preferStrongerSecret(layers, place);

  const folder = from.file === undefined ? process.cwd() : dirname(resolve(from.file));
  const parsed = configSchema.safeParse(layers.value);
  for (const remark of remarksOf(parsed.error?.issues ?? [])) errors.add(remark);
  const place = { file: from.file, folder };
  const secret = known === undefined ? findSecret(layers, place, errors, warnings) : known.secret;
  const token = known === undefined ? findToken(layers, place, errors, warnings) : known.token;
  const password = known === undefined ? findPassword(layers, place, errors, warnings) : known.password;
  const read = parsed.success ? parsed.data : readRepaired(layers.value);
  const isWritten = (path: KeyPath) => valueAt(layers.value, path) !== undefined;
  if (read !== undefined) addContradictions(findContradictions(read, isWritten), errors, warnings);

  if (!parsed.success || secret === undefined || errors.issues.length > 0) throw new ConfigError(errors.issues);
  return {
    config: assemble(parsed.data, { folder, secret, version: from.version ?? 'unknown', token, password }),
    warnings: warnings.issues,
    sources: effectiveSettings(layers),
    taken,
    made: made.map(({ name }) => name).filter((name) => !taken.includes(name)),
    withMade: (others) => {
      const again = base.clone();
      return resolveLayers(from, base, again, new IssueList(again), others, { secret, token, password });
    },
  };
}

function addContradictions(
  findings: ReturnType<typeof findContradictions>,
  errors: IssueList,
  warnings: IssueList,
): void {
  // All are weighed before any is told: one contradiction does not hide another.
  const certain = findings.filter(({ path, also }) => ![path, ...also].some((key) => errors.touches(key)));
  for (const { level, path, problem, suggestion } of certain) {
    (level === 'error' ? errors : warnings).add({ path, problem, suggestion });
  }
}
