import { ConfigError, formatIssue } from '../config/issue.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Log } from '../telemetry/log.ts';
import { type ConfigChange, changesBetween } from './changes.ts';
import { type LoadRequest, loadAgain } from './load.ts';
import type { Running } from './run.ts';

/** Most changes that are told one by one. */
const toldMost = 50;

/**
 * Reloads the configuration when asked (SIGHUP), all or nothing: one error, or one change that
 * needs a restart, and everything stays as it was. Either way the log says what and why.
 */
export class Reloads {
  readonly #request: LoadRequest;
  readonly #log: Log;
  #current: LoadedConfig;
  #running: Running | undefined;
  #asked = false;
  #ended = false;

  /** @param current What the process was started with. */
  constructor(request: LoadRequest, current: LoadedConfig, log: Log) {
    this.#request = request;
    this.#current = current;
    this.#log = log;
  }

  /** The router runs; a reload that was asked for before is done now. */
  begin(running: Running): void {
    this.#running = running;
    if (this.#asked) this.ask();
  }

  /** The process ends: no reload any more. */
  end(): void {
    this.#ended = true;
  }

  /** Reloads, at once or when the router runs. */
  ask(): void {
    this.#asked = true;
    if (this.#running === undefined) return;
    if (this.#ended) {
      this.#log.logger.warn({ event: 'reload-ignored' }, 'not reloaded: the router is about to end');
      return;
    }
    this.#running.countReload(this.#reload(this.#running) ? 'done' : 'failed');
  }

  #reload(running: Running): boolean {
    const next = this.#load();
    if (next === undefined) return false;
    const changes = changesBetween(this.#current, next);
    const fixed = changes.filter(({ restart }) => restart);
    if (fixed.length > 0) {
      for (const { path, text } of fixed) this.#refuse(path, `${text}: this needs a restart`);
      return this.#failed('change back what needs a restart and reload again, or restart');
    }
    running.apply(next.config);
    this.#current = next;
    this.#tell(changes);
    return true;
  }

  #load(): LoadedConfig | undefined {
    try {
      const next = loadAgain(this.#request);
      for (const issue of next.warnings) {
        this.#log.logger.warn({ event: 'reload-warning', path: issue.path }, oneLine(formatIssue(issue)));
      }
      return next;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const issue of error.issues) this.#refuse(issue.path, oneLine(formatIssue(issue)));
      this.#failed('mend the configuration and reload again');
      return undefined;
    }
  }

  #refuse(path: string, text: string): void {
    this.#log.logger.error({ event: 'reload-refused', path }, text);
  }

  #failed(advice: string): false {
    const text = `the configuration was not reloaded, and nothing has changed: ${advice}`;
    this.#log.logger.error({ event: 'reload-failed' }, text);
    return false;
  }

  #tell(changes: readonly ConfigChange[]): void {
    const { logger } = this.#log;
    for (const { path, text } of changes.slice(0, toldMost)) logger.info({ event: 'reload-change', path }, text);
    const more = changes.length - toldMost;
    if (more > 0) logger.info({ event: 'reload-change', more }, `... and ${more} more changes`);
    const count = changes.length === 0 ? 'nothing has changed' : `changes: ${changes.length}`;
    logger.info({ event: 'reloaded', changes: changes.length }, `the configuration was reloaded; ${count}`);
  }
}

function oneLine(text: string): string {
  return text.replace(/^- /, '').replace(/\n\s*/g, ' ');
}
