import { existsSync } from 'node:fs';
import { ConfigError, type ConfigIssue, formatIssue } from '../config/issue.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import type { MadePool } from '../config/made-pools.ts';
import { packageVersion } from './version.ts';

/** What the command line says about the configuration. */
export interface LoadRequest {
  /** `undefined` for `./component.config.json`, which may then be missing. */
  readonly file: string | undefined;
  /** `path=value` texts. */
  readonly settings: readonly string[];
}

const defaultFile = 'component.config.json';

/**
 * Loads the configuration for a command. Warnings and errors go to standard error; returns
 * `undefined` when there were errors.
 */
export function load(request: LoadRequest): LoadedConfig | undefined {
  try {
    const loaded = loadAgain(request);
    for (const warning of loaded.warnings) process.stderr.write(`warning ${formatIssue(warning)}\n`);
    return loaded;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    if (request.file === undefined && !existsSync(defaultFile)) {
      process.stderr.write(`There is no ${defaultFile} here; --config names another file.\n`);
    }
    return undefined;
  }
}

/** The same without a word on standard error, with pools that were made. Throws `ConfigError`. */
export function loadAgain(request: LoadRequest, made: readonly MadePool[] = []): LoadedConfig {
  const file = request.file ?? (existsSync(defaultFile) ? defaultFile : undefined);
  const malformed = request.settings.filter((setting) => !isSetting(setting)).map(malformedIssue);
  const overrides = Object.fromEntries(request.settings.filter(isSetting).map(splitSetting));
  try {
    const loaded = loadConfig({ file, env: process.env, overrides, version: packageVersion(), made });
    if (malformed.length > 0) throw new ConfigError(malformed);
    return loaded;
  } catch (error) {
    // All errors at once, whichever part they are in.
    if (!(error instanceof ConfigError) || malformed.length === 0 || error.issues === malformed) throw error;
    throw new ConfigError([...malformed, ...error.issues]);
  }
}

function isSetting(setting: string): boolean {
  return setting.indexOf('=') > 0;
}

function splitSetting(setting: string): [path: string, value: string] {
  const equals = setting.indexOf('=');
  return [setting.slice(0, equals), setting.slice(equals + 1)];
}

function malformedIssue(setting: string): ConfigIssue {
  return {
    path: '',
    found: JSON.stringify(setting),
    problem: 'This is no setting.',
    suggestion: 'Write --set path=value, such as --set log.level=debug.',
    source: 'flag --set',
  };
}
