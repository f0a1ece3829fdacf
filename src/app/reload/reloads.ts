import { ConfigError, formatIssue } from '../../config/issue.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { CommandEnd } from '../../core/commands/command.ts';
import type { Log } from '../../telemetry/log.ts';
import { type LoadRequest, loadAgain } from '../load.ts';
import type { Running } from '../running.ts';
import { type ConfigChange, changesBetween } from './changes.ts';
import type { MadeBook } from './made-book.ts';

/** Most changes that are told one by one. */
const toldMost = 50;

/** One change, as it is told. */
type Told = Pick<ConfigChange, 'path' | 'text'>;

/** Why the configuration was not reloaded: each reason with its key. */
class NotReloaded {
  readonly issues: readonly { readonly path: string; readonly text: string }[];
  readonly advice: string;

  constructor(issues: NotReloaded['issues'], advice: string) {
    this.issues = issues;
    this.advice = advice;
  }
}

/**
 * Reloads the configuration when asked, all or nothing: one error, or one change that needs a
 * restart, and everything stays as it was. Either way the log says what and why.
 */
export class Reloads {
  readonly #request: LoadRequest;
  readonly #log: Log;
  readonly #book: MadeBook;
  #current: LoadedConfig;
  #running: Running | undefined;
  #asked = false;
  #ended = false;

  /**
   * @param current What the process was started with.
   * @param book The pools that were made: they stand beside those of the file.
   */
  constructor(request: LoadRequest, current: LoadedConfig, book: MadeBook, log: Log) {
    this.#book = book;
    this.#request = request;
    this.#current = current;
    this.#log = log;
  }

  /** The router runs; a reload that was asked for before is done now. */
  begin(running: Running): void {
    this.#running = running;
    this.#current = running.loaded;
    if (this.#asked) this.ask();
  }

  /** `undefined` before it runs. */
  get running(): Running | undefined {
    return this.#running;
  }

  /** Another router runs, with other pools that were made. */
  rebase(loaded: LoadedConfig): void {
    this.#current = loaded;
  }

  /** What the router runs with. */
  get current(): LoadedConfig {
    return this.#current;
  }

  get domain(): string {
    return this.#current.config.component.domain;
  }

  /** Whether it is too late for any change. */
  get over(): boolean {
    return this.#ended || this.#running === undefined;
  }

  hasPool(name: string): boolean {
    return this.#current.config.service.pools.some((pool) => pool.name === name);
  }

  /** Goes on with `next`, which differs in pools that were made. Returns the changes. */
  take(next: LoadedConfig): readonly Told[] {
    const changes = changesBetween(this.#current, next);
    this.#running?.apply(next);
    this.#current = next;
    return this.#note(changes);
  }

  /** The process ends: no reload any more. */
  end(): void {
    this.#ended = true;
  }

  /** Reloads, at once or when the router runs; answers as a command does. */
  ask(): CommandEnd {
    this.#asked = true;
    if (this.#ended) {
      this.#log.logger.warn({ event: 'reload-ignored' }, 'not reloaded: the router is about to end');
      return { refused: 'shutting-down' };
    }
    if (this.#running === undefined) return { refused: 'reload-refused', text: 'The router is about to start.' };
    const next = this.#load();
    const result = next instanceof NotReloaded ? next : this.#reload(this.#running, next);
    this.#running.countReload(result instanceof NotReloaded ? 'failed' : 'done');
    return result instanceof NotReloaded ? this.#refuse(result) : this.#tell(result);
  }

  #reload(running: Running, next: LoadedConfig): readonly ConfigChange[] | NotReloaded {
    const changes = changesBetween(this.#current, next);
    const fixed = changes.filter(({ restart }) => restart);
    if (fixed.length > 0) {
      const issues = fixed.map(({ path, text }) => ({ path, text: `${text}: this needs a restart` }));
      return new NotReloaded(issues, 'change back what needs a restart and reload again, or restart');
    }
    running.apply(next);
    this.#current = next;
    this.#book.adopt(next.taken, this.#log);
    return changes;
  }

  #load(): LoadedConfig | NotReloaded {
    try {
      const next = loadAgain(this.#request, this.#book.all());
      for (const issue of next.warnings) {
        this.#log.logger.warn({ event: 'reload-warning', path: issue.path }, oneLine(formatIssue(issue)));
      }
      return next;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const issues = error.issues.map((issue) => ({ path: issue.path, text: oneLine(formatIssue(issue)) }));
      return new NotReloaded(issues, 'mend the configuration and reload again');
    }
  }

  #refuse({ issues, advice }: NotReloaded): CommandEnd {
    const { logger } = this.#log;
    for (const { path, text } of issues) logger.error({ event: 'reload-refused', path }, text);
    const summary = `the configuration was not reloaded, and nothing has changed: ${advice}`;
    logger.error({ event: 'reload-failed' }, summary);
    const told = issues.slice(0, toldMost).map(({ text }) => text);
    return { refused: 'reload-refused', text: [sentence(summary), ...told].join('\n') };
  }

  #tell(changes: readonly ConfigChange[]): CommandEnd {
    const told = this.#note(changes);
    const count = changes.length === 0 ? 'nothing has changed' : `changes: ${changes.length}`;
    const summary = `the configuration was reloaded; ${count}`;
    this.#log.logger.info({ event: 'reloaded', changes: changes.length }, summary);
    return { done: { changes: told, more: changes.length - told.length, text: sentence(summary) } };
  }

  /** Writes changes to the log; returns those that are told one by one. */
  #note(changes: readonly ConfigChange[]): readonly Told[] {
    const { logger } = this.#log;
    const told = changes.slice(0, toldMost).map(({ path, text }) => ({ path, text }));
    for (const { path, text } of told) logger.info({ event: 'reload-change', path }, text);
    const more = changes.length - told.length;
    if (more > 0) logger.info({ event: 'reload-change', more }, `... and ${more} more changes`);
    return told;
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function oneLine(text: string): string {
  return text.replace(/^- /, '').replace(/\n\s*/g, ' ');
}
