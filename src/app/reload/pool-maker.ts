import { readPoolName } from '../../config/addresses.ts';
import { ConfigError, type ConfigIssue, formatPath } from '../../config/issue.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { MadePool } from '../../config/made-pools.ts';
import type { CommandEnd, PoolBook, Refusal } from '../../core/commands/command.ts';
import type { JsonObject } from '../../core/commands/merge-patch.ts';
import { fieldOfKey } from '../../core/commands/pool-fields.ts';
import type { MadeBook } from './made-book.ts';
import type { Reloads } from './reloads.ts';

/** Most pools that may be made. */
const most = 1_000;

/**
 * Makes, changes and removes pools while the router runs. Each is checked together with the whole
 * configuration and by the same rules, stored, and then taken up as a reload is: all or nothing.
 */
export class PoolMaker implements PoolBook {
  readonly #book: MadeBook;
  readonly #reloads: Reloads;
  /** One after the other: what is checked is what is there when it is taken up. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(book: MadeBook, reloads: Reloads) {
    this.#book = book;
    this.#reloads = reloads;
  }

  find(name: string): MadePool | undefined {
    return this.#book.find(name);
  }

  make(written: string, settings: JsonObject, by: string, now: number): Promise<CommandEnd> {
    return this.#inTurn(async () => {
      const reading = readPoolName(written);
      if ('complaint' in reading) return refused(reading.complaint.replace('\n', ' '), 'name');
      const name = reading.value;
      if (this.#reloads.hasPool(name)) return { refused: 'pool-exists', field: 'name' };
      if (this.#book.size >= most) {
        return { refused: 'command-busy', text: `At most ${most} pools may be made. Delete some.` };
      }
      const end = await this.#put({ name, settings, by, at: now });
      if ('refused' in end) return end;
      const address = `${name}@${this.#reloads.domain}`;
      return { done: { pool: name, address, text: `The pool ${address} is open.` } };
    });
  }

  change(name: string, settings: JsonObject, by: string, now: number): Promise<CommandEnd> {
    return this.#inTurn(async () => {
      if (this.#book.find(name) === undefined) return { refused: 'command-target', field: 'pool' };
      const end = await this.#put({ name, settings, by, at: now });
      if ('refused' in end) return end;
      const { changes } = end;
      return { done: { pool: name, changes, text: changes.length === 0 ? 'Nothing has changed.' : 'Done.' } };
    });
  }

  remove(name: string): Promise<CommandEnd> {
    return this.#inTurn(async () => {
      const pool = this.#book.find(name);
      if (pool === undefined) return { refused: 'command-target', field: 'pool' };
      const others = (): readonly MadePool[] => this.#book.all().filter((made) => made.name !== name);
      const tried = this.#try(others(), name);
      if ('refused' in tried) return tried;
      const error = await this.#book.forget(name);
      if (error !== undefined) return notStored(error);
      const end = this.#takeUp(others(), name);
      if ('refused' in end) {
        await this.#book.keep(pool);
        return end;
      }
      return { done: { pool: name, text: `The pool ${name} is closed.` } };
    });
  }

  /** Stores a pool in place of one of its name, and takes it up. */
  async #put(pool: MadePool) {
    const { name } = pool;
    const before = this.#book.find(name);
    const others = this.#book.all().filter((made) => made.name !== name);
    const tried = this.#try([...others, pool], name);
    if ('refused' in tried) return tried;
    const error = await this.#book.keep(pool);
    if (error !== undefined) return notStored(error);
    const end = this.#takeUp(this.#book.all(), name);
    if ('refused' in end) await (before === undefined ? this.#book.forget(name) : this.#book.keep(before));
    return end;
  }

  /** The configuration may have been reloaded while the change was stored. */
  #takeUp(made: readonly MadePool[], name: string) {
    const next = this.#try(made, name);
    if ('refused' in next) return next;
    return { changes: this.#reloads.take(next) };
  }

  /** The configuration with other pools that were made, or what is wrong with it. */
  #try(made: readonly MadePool[], name: string): LoadedConfig | Refusal {
    if (this.#reloads.over) return { refused: 'shutting-down' };
    try {
      const next = this.#reloads.current.withMade(made);
      return next.taken.includes(name) ? { refused: 'pool-exists', field: 'name' } : next;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return refusalOf(error.issues, name);
    }
  }

  /** Lets `act` run when those before it are over. */
  #inTurn(act: () => Promise<CommandEnd>): Promise<CommandEnd> {
    const turn = this.#turn.then(act);
    this.#turn = turn;
    return turn;
  }
}

function notStored(error: Error): Refusal {
  return { refused: 'store-failed', text: `The store did not do its part, and nothing has changed: ${error.message}` };
}

/** What is wrong, in words; of what is wrong with the pool the field is named. */
function refusalOf(issues: readonly ConfigIssue[], name: string): Refusal {
  const own = formatPath(['pools', name]);
  const told = issues.map(({ path, found, problem, suggestion }) => {
    const what = found === '' || found === 'nothing' ? '' : `Found ${found}. `;
    return { key: keyBelow(path, own), text: `${path}: ${what}${problem} ${suggestion}` };
  });
  const [first] = told.filter(({ key }) => key !== undefined);
  return refused(told.map(({ text }) => text).join('\n'), first?.key === undefined ? undefined : fieldOfKey(first.key));
}

/** What follows `own` in `path`, without the dot; `undefined` where it is another place. */
function keyBelow(path: string, own: string): string | undefined {
  if (!path.startsWith(own)) return undefined;
  const rest = path.slice(own.length);
  return rest === '' || /^[.[]/.test(rest) ? rest.replace(/^\./, '') : undefined;
}

function refused(text: string, field: string | undefined): Refusal {
  return { refused: 'command-input', text, ...(field === undefined ? {} : { field }) };
}
