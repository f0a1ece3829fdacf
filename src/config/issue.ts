/** Keys from the top of the configuration down to one value; numbers are positions in a list. */
export type KeyPath = readonly (string | number)[];

/** One thing that is wrong (or, as a warning, doubtful) in the configuration. */
export interface ConfigIssue {
  /** Where, such as `pools.jobs.algorithm`; empty for the configuration as a whole. */
  readonly path: string;
  /** What stands there, as shown to people. Secrets never appear. */
  readonly found: string;
  /** What is wrong with it: a sentence. */
  readonly problem: string;
  /** What to do instead: a sentence. */
  readonly suggestion: string;
  /** Where the value was written: `file NAME:LINE`, `made by WHOM, WHEN`, `environment NAME`, `flag` or `default`. */
  readonly source: string;
}

/** The configuration cannot be used. Carries everything that is wrong with it, not just the first. */
export class ConfigError extends Error {
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[]) {
    const count = issues.length === 1 ? 'one error' : `${String(issues.length)} errors`;
    super(`The configuration has ${count}:\n${issues.map(formatIssue).join('\n')}`);
    this.name = 'ConfigError';
    this.issues = issues;
  }
}

/** One issue as lines of text for a terminal or a log. */
export function formatIssue(issue: ConfigIssue): string {
  const where = issue.path === '' ? issue.source : `${issue.path} (${issue.source})`;
  const found = issue.found === '' ? '' : `found ${issue.found}. `;
  return `- ${where}: ${found}${issue.problem}\n    ${issue.suggestion}`;
}

/** `['pools', 'jobs', 'workers', 0]` as `pools.jobs.workers[0]`; odd keys are quoted in brackets. */
export function formatPath(path: KeyPath): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${String(key)}]`;
    else if (/^(?:[\p{L}\p{N}_$-]+|\*)$/u.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${JSON.stringify(key)}]`;
  }
  return text;
}
