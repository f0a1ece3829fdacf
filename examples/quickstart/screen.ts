/** What the demo writes to: `process.stdout`, or a recording in tests. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** One bar: a worker, what it got, and what is to be said about it. */
export interface Bar {
  readonly name: string;
  readonly caption: string;
  readonly count: number;
  readonly note: string;
}

/** A block of bars: drawn again in place on a terminal, printed once by `finish` anywhere else. */
export interface Chart {
  draw(bars: readonly Bar[], footer: string): void;
  finish(bars: readonly Bar[], footer: string): void;
}

const widest = 80;
const colours = [36, 32, 33, 35];

/** Writes the demo's text, wrapped to at most 80 columns, with colours on a terminal that wants them. */
export class Screen {
  /** Whether lines can be drawn again in place. */
  readonly live: boolean;
  readonly #output: Output;
  readonly #coloured: boolean;
  #muted = false;
  #gap = false;

  constructor(output: Output, env: Readonly<Record<string, string | undefined>>) {
    this.#output = output;
    this.live = output.isTTY === true && env['TERM'] !== 'dumb';
    this.#coloured = this.live && (env['NO_COLOR'] ?? '') === '';
  }

  /** From now on nothing is shown, save what `last` says. */
  mute(): void {
    this.#muted = true;
  }

  last(text: string): void {
    this.#output.write(`\n${wrap(text, this.#width(), '')}\n`);
  }

  title(text: string): void {
    this.#blank();
    this.#write(`${this.#paint(1, text)}\n`);
  }

  /** A paragraph. */
  say(text: string): void {
    this.#write(`${wrap(text, this.#width(), '')}\n`);
  }

  /** A command, a file, a picture: as it is, indented. */
  quote(text: string): void {
    const lines = text.split('\n').map((line) => `    ${this.#paint(2, line)}`.trimEnd());
    this.#blank();
    this.#write(`${lines.join('\n')}\n\n`);
  }

  /** A stanza, with a line for each element. */
  stanza(xml: string): void {
    let depth = 0;
    const lines = xml.replaceAll(/(<\/?[^>]*>)(?=<)/g, '$1\n').split('\n');
    const indented = lines.map((line) => {
      if (line.startsWith('</')) depth -= 1;
      const text = '  '.repeat(Math.max(0, depth)) + line;
      if (!line.startsWith('</') && !line.includes('</') && !line.endsWith('/>')) depth += 1;
      return text;
    });
    this.quote(indented.join('\n'));
  }

  /** A promise and whether it was kept. */
  verdict(kept: boolean, text: string): void {
    const mark = kept ? this.#paint(32, 'ok ') : this.#paint(31, 'NOT');
    this.#write(`  ${mark} ${wrap(text, this.#width() - 6, '      ')}\n`);
  }

  /** @param most The longest bar that the chart must have room for. */
  chart(most: number): Chart {
    let drawn = '';
    const draw = (bars: readonly Bar[], footer: string): void => {
      const lines = [...bars.map((bar, index) => this.#bar(bar, index, most)), clip(`  ${footer}`, this.#columns())];
      const text = lines.join('\n');
      if (text === drawn) return;
      const up = drawn === '' ? '' : `\u001b[${lines.length}A`;
      this.#write(this.live ? `${up}${lines.map((line) => `\r\u001b[2K${line}\n`).join('')}` : `${text}\n`);
      drawn = text;
    };
    this.#blank();
    return {
      draw: (bars, footer) => {
        if (this.live) draw(bars, footer);
      },
      finish: (bars, footer) => {
        draw(bars, footer);
        this.#blank();
      },
    };
  }

  #bar({ name, caption, count, note }: Bar, index: number, most: number): string {
    const head = `  ${name}  ${caption.padEnd(10)}  `;
    const tail = `  ${count}${note === '' ? '' : `  ${note}`}`;
    // The note never moves the bar's scale, so bars stay comparable while a round runs.
    const cell = Math.max(1, Math.floor((this.#columns() - head.length - 12) / Math.max(most, 1)));
    const room = Math.max(0, this.#columns() - head.length - tail.length);
    const bar = '#'.repeat(Math.min(room, cell * count));
    return clip(head, this.#columns()) + this.#paint(colours[index % colours.length] ?? 36, bar) + tail;
  }

  #columns(): number {
    // The last column stays free: terminals differ in what they do when it is written.
    return this.#width() - 1;
  }

  #width(): number {
    const { columns } = this.#output;
    return Math.min(columns === undefined || columns === 0 ? widest : columns, widest);
  }

  #paint(code: number, text: string): string {
    return this.#coloured && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
  }

  /** One empty line, however often it is asked for. */
  #blank(): void {
    if (!this.#gap) this.#write('\n');
    this.#gap = true;
  }

  #write(text: string): void {
    if (this.#muted) return;
    this.#output.write(text);
    this.#gap = text.endsWith('\n\n');
  }
}

function clip(text: string, width: number): string {
  return text.slice(0, Math.max(0, width));
}

/** Breaks at spaces; what is longer than a line stays whole, so that it can be copied. */
function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length >= width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${indent}`);
}
