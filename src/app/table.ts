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
