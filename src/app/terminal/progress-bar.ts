/** Where lines are written, and how wide it is if it is a terminal. */
export interface Lines {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const [widest, least] = [40, 4];
const anew = '\r\u001b[K';

/** A bar below the lines of long work, on a terminal; elsewhere there are the lines alone. */
export class ProgressBar {
  readonly #lines: Lines;
  #shown = false;

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  /** Writes a line above the bar. */
  line(text: string): void {
    this.clear();
    this.#lines.write(`${text}\n`);
  }

  /** Shows how far the work is; `words` stand behind the bar. */
  show(done: number, total: number, words: string): void {
    const { isTTY = false, columns = 80 } = this.#lines;
    if (!isTTY) return;
    const text = ` ${done} of ${total}${words}`;
    // The last column stays free: terminals break the line there.
    const width = Math.min(widest, columns - text.length - 3);
    const filled = total === 0 ? width : Math.floor((width * Math.min(done, total)) / total);
    const bar = width < least ? '' : `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`;
    this.#lines.write(anew + `${bar}${text}`.slice(0, Math.max(0, columns - 1)));
    this.#shown = true;
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#shown) this.#lines.write(anew);
    this.#shown = false;
  }
}
