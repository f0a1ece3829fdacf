/**
 * One line of the report of `check`. `note`: nothing is wrong by itself, but it is worth a look.
 */
export interface CheckFinding {
  readonly level: 'ok' | 'note' | 'fail';
  readonly subject: string;
  readonly text: string;
  /** What to do, when it is not ok. */
  readonly advice?: string;
}

const marks = { ok: 'ok   ', note: 'note ', fail: 'FAIL ' } as const;

/** A finding as lines for a terminal. */
export function formatFinding({ level, subject, text, advice }: CheckFinding): string {
  const line = `${marks[level]} ${subject}: ${text}\n`;
  return advice === undefined ? line : `${line}      ${advice}\n`;
}
