import type { z } from 'zod';
import type { KeyPath } from '../issue.ts';
import type { Remark } from '../issue-list.ts';
import { type KeyNode, keyAt, namesOf, sectionsWith } from '../keys.ts';
import { nearest } from '../nearest.ts';

/** What zod found wrong, in our words; keys that do not exist first, since a missing key may be one of them. */
export function remarksOf(issues: readonly z.core.$ZodIssue[]): readonly Remark[] {
  const unknown = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => unknownKey(keyPath(issue), key)) : [],
  );
  return [...unknown, ...issues.filter((issue) => issue.code !== 'unrecognized_keys').map(wrongValue)];
}

/** The path of an issue: JSON has no other keys than texts and positions. */
export function keyPath(issue: z.core.$ZodIssue): KeyPath {
  return issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
}

function wrongValue(issue: z.core.$ZodIssue): Remark {
  const path = keyPath(issue);
  const inner = issue.code === 'invalid_key' ? issue.issues[0] : undefined;
  const [problem = '', suggestion = ''] = (inner ?? issue).message.split('\n');
  // For a key, what stands there is the key itself.
  return { path, problem, suggestion, ...(inner && { found: `the key ${JSON.stringify(path.at(-1))}` }) };
}

function unknownKey(path: KeyPath, key: string): Remark {
  const node = keyAt(path);
  const near = node && nearest(key, namesOf(node));
  return {
    path: [...path, key],
    // Its value may be anything, a secret under a misspelt name too.
    found: `the key ${JSON.stringify(key)}`,
    problem: 'There is no such key.',
    suggestion: near === undefined ? advice(node, key) : `Write "${near}".`,
    ...(near !== undefined && { meant: [...path, near] }),
  };
}

function advice(node: KeyNode | undefined, key: string): string {
  const elsewhere = sectionsWith(key);
  if (elsewhere.length > 0) return `Move it: "${key}" is a key of ${elsewhere.join(' and of ')}.`;
  return `Remove it. The keys here are ${(node === undefined ? [] : namesOf(node)).join(', ')}.`;
}
