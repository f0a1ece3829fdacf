import type { StoreError } from '../../store/error.ts';
import type { Moved, MoveStep, MoveWatcher } from '../../store/moves/move.ts';
import { type Lines, ProgressBar } from '../terminal/progress-bar.ts';
import { table } from '../terminal/table.ts';

/** Tells how far a move is, and what is to be done after it. */
export class MoveReport implements MoveWatcher {
  readonly #from: string;
  readonly #to: string;
  readonly #lines: Lines;
  readonly #bar: ProgressBar;
  #step: MoveStep | undefined;

  constructor(from: string, to: string, lines: Lines) {
    this.#from = from;
    this.#to = to;
    this.#lines = lines;
    this.#bar = new ProgressBar(lines);
    this.#bar.line(`Moving ${from} to ${to}.`);
  }

  progress(what: 'copied' | 'checked', rows: number, total: number): void {
    this.#bar.show(rows, total, ` rows ${what}`);
  }

  reached(step: MoveStep): void {
    this.#step = step;
    if (step === 'copied') this.#bar.line('All rows were copied. Now each is read again on both sides.');
    if (step === 'checked') this.#bar.line('Both sides hold the same, row by row.');
  }

  clear(): void {
    this.#bar.clear();
  }

  /** @param section The keys of `store` from now on. */
  end({ finished, tables, aside }: Moved & { readonly aside?: string | undefined }, section: object): void {
    const held = tables.filter(({ rows }) => rows > 0).map(({ name, rows }) => [name, String(rows)]);
    if (finished) this.#bar.line('All rows were there: an earlier move was finished.');
    this.#lines.write(held.length === 0 ? 'There were no rows.\n' : table(['TABLE', 'ROWS'], held));
    if (aside !== undefined) this.#bar.line(`What was there before, and had been moved away, is ${aside}.`);
    this.#bar.line(`${this.#from} is marked as moved: no router uses it any more.`);
    this.#bar.line(`Now write into the configuration, and start the router: "store": ${JSON.stringify(section)}`);
  }

  /** What is where after an error, in lines; nothing where the error itself says where all has gone. */
  afterFailure({ kind, file }: Pick<StoreError, 'kind' | 'file'>): string {
    if (kind === 'moved' && file === this.#from) return '';
    if (this.#step === undefined) return `Nothing was moved: ${this.#from} is the store, as before.\n`;
    if (this.#step === 'left') return '';
    if (this.#step === 'checked')
      return 'All rows are there. Whether the move was decided, the same command finds out: type it again before a router runs.\n';
    return `${this.#from} is the store, as before. No router uses ${this.#to} until the same command has come to its end.\n`;
  }
}
