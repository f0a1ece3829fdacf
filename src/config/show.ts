import type { KeyPath } from './issue.ts';

const longest = 60;

/**
 * A value as people may see it: short, and never a secret. Objects and lists are only named,
 * since a secret may stand in them.
 */
export function showValue(path: KeyPath, value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${String(value.length)}`;
  if (typeof value === 'object') return 'an object';
  if (mayBeSecret(path) || mayHoldPassword(path))
    return typeof value === 'string' ? 'a text (not shown)' : `a ${typeof value} (not shown)`;
  const text = JSON.stringify(value);
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** Keys whose values are shown to nobody. */
const secrets: readonly KeyPath[] = [
  ['component', 'secret'],
  ['http', 'token'],
  ['store', 'password'],
];

/** True for what is shown once it is known to be good: before, somebody may have written a password into it. */
function mayHoldPassword(path: KeyPath): boolean {
  return path[0] === 'store' && path[1] === 'url';
}

/** True for a secret itself and for whatever stands where an object with a secret should. */
export function mayBeSecret(path: KeyPath): boolean {
  return secrets.some((secret) => path.length <= secret.length && path.every((key, at) => secret[at] === key));
}
