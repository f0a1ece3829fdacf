/** The least that is left of a column that must be cut. */
const narrowest = 8;
/** What would move the cursor, or turn the direction of writing. */
const unprintable = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A text that shows as it is: what others have sent must not steer a terminal. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/**
 * Rows under a head, in columns.
 * @param width Of the terminal; what is too wide is cut, the widest columns first.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  const lines = [head, ...rows].map((line) => head.map((_, column) => printable(line[column] ?? '')));
  const widths = fitted(
    head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))),
    width,
  );
  return lines
    .map((line) => {
      const cells = line.map((cell, column) => cut(cell, widths[column] ?? 0).padEnd(widths[column] ?? 0));
      return `${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}

/** The least that a column of sentences is given, and from what length on they are broken. */
const [narrowestText, shortestText] = [16, 24];

/**
 * The same for what must be read whole: nothing is cut. Sentences are broken into lines; what does
 * not fit even so is shown row by row, a line for each cell that says anything.
 */
export function fitting(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  const cells = rows.map((row) => head.map((_, column) => printable(row[column] ?? '')));
  const widths = head.map((label, column) => Math.max(label.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const wordy = head.map((_, column) => cells.some((row) => isSentence(row[column] ?? '')));
  const sum = (counted: (column: number) => boolean): number =>
    widths.reduce((all, each, column) => (counted(column) ? all + each : all), 0);
  const room = width - 2 * (head.length - 1) - sum((column) => wordy[column] === false);
  const each = Math.floor(room / wordy.filter((is) => is).length);
  if (sum((column) => wordy[column] === true) <= room) return table(head, rows);
  if (each >= narrowestText)
    return table(
      head,
      cells.flatMap((row) => broken(row, wordy, each)),
    );
  return rows
    .map(
      (row) =>
        `${record(
          head.map((label, column) => [label, row[column] ?? '']),
          width,
        )}\n`,
    )
    .join('');
}

/** A line for each value that there is, after its label. */
export function record(values: readonly (readonly [label: string, value: string])[], width?: number): string {
  const told = values.map(([label, value]) => [label, printable(value)] as const).filter(([, value]) => value !== '');
  const margin = Math.max(0, ...told.map(([label]) => label.length)) + 2;
  const room = width === undefined ? Number.POSITIVE_INFINITY : Math.max(narrowest, width - margin);
  return told
    .flatMap(([label, value]) =>
      wrapped(value, room).map((line, at) => `${(at === 0 ? `${label}:` : '').padEnd(margin)}${line}\n`),
    )
    .join('');
}

/** A text in lines that are no longer than `width`, as far as its words are not. */
export function wrapped(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function isSentence(text: string): boolean {
  return text.length > shortestText && text.includes(' ');
}

/** A row in as many lines as its longest sentence needs. */
function broken(row: readonly string[], wordy: readonly boolean[], width: number): readonly (readonly string[])[] {
  const cells = row.map((cell, column) => (wordy[column] === true ? wrapped(cell, width) : [cell]));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) => cells.map((lines) => lines[at] ?? ''));
}

/** Takes from the widest until all fit, or nothing more can be taken. */
function fitted(widths: readonly number[], width: number): readonly number[] {
  const fit = [...widths];
  for (let over = fit.reduce((sum, each) => sum + each + 2, -2) - width; over > 0; over -= 1) {
    const widest = fit.indexOf(Math.max(...fit));
    const value = fit[widest] ?? 0;
    if (value <= narrowest) break;
    fit[widest] = value - 1;
  }
  return fit;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
