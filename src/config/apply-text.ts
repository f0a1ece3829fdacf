import type { KeyPath } from './issue.ts';
import type { IssueList } from './issue-list.ts';
import { JsonSyntaxError, parseJson } from './json.ts';
import { keyAt } from './keys.ts';
import type { Layers, Origin } from './layers.ts';

/**
 * Writes a value that came as text, from the environment or a flag: texts as they are, numbers,
 * lists and maps as JSON.
 */
export function applyText(layers: Layers, path: KeyPath, written: string, origin: Origin, errors: IssueList): void {
  const type = keyAt(path)?.type;
  if (type === 'string') {
    layers.set(path, written, origin);
    return;
  }
  try {
    const { value, duplicates } = parseJson(written);
    layers.set(path, value, origin);
    for (const duplicate of duplicates) {
      const problem = 'It stands in this JSON already.';
      const suggestion = 'Remove one of the two.';
      errors.add({ path: [...path, ...duplicate.path], found: 'the key a second time', problem, suggestion });
    }
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    layers.set(path, written, origin);
    if (type !== 'array' && type !== 'object') return;
    errors.add({
      path,
      found: 'a text (not shown)',
      problem: `This is no JSON. At character ${String(error.offset + 1)}: ${error.message}`,
      suggestion: type === 'array' ? 'Write a list, such as ["a", "b"].' : 'Write an object, such as {"key": "value"}.',
    });
  }
}
