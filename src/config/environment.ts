import { applyText } from './apply-text.ts';
import { formatPath, type KeyPath } from './issue.ts';
import type { IssueList } from './issue-list.ts';
import { childOf, isMap, jsonSchema, type KeyNode, namesOf } from './keys.ts';
import { isObject, type Layers, valueAt } from './layers.ts';
import { nearest } from './nearest.ts';
import { type Environment, isServiceLink } from './service-links.ts';

const prefix = 'SWITCHYARD_';

/** The path that a variable means, or why it means none. */
type Meaning = { readonly path: readonly string[] } | { readonly problem: string; readonly suggestion: string };

/**
 * Writes the variables that begin with `SWITCHYARD_` over what stands in `layers`: `__` goes
 * down a level; case and `_` inside a key do not matter; lists and maps are JSON. A name that means
 * no setting is an error, unless a container platform made it: those are told in one warning.
 */
export function applyEnvironment(layers: Layers, env: Environment, errors: IssueList, warnings: IssueList): void {
  const taken = new Map<string, string>();
  const links: string[] = [];
  const names = Object.keys(env).filter((name) => name.toUpperCase().startsWith(prefix));
  // Shallow ones first: SWITCHYARD_POOLS replaces all pools, then SWITCHYARD_POOLS__A__B one value.
  for (const name of names.sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))) {
    const written = env[name];
    if (written === undefined) continue;
    const source = `environment ${name}`;
    const meaning = meaningOf(layers, name);
    if ('problem' in meaning && isServiceLink(env, name)) {
      links.push(name);
      continue;
    }
    if ('problem' in meaning) {
      errors.add({ path: [], found: 'this variable', ...meaning, source });
      continue;
    }
    const path = formatPath(meaning.path);
    const other = taken.get(path);
    taken.set(path, name);
    if (other === undefined) {
      applyText(layers, meaning.path, written, { rank: 'environment', text: source }, errors);
    } else {
      const found = 'a second variable for the same key';
      const suggestion = 'Remove one of the two.';
      errors.add({ path: meaning.path, found, problem: `${other} sets it too.`, suggestion, source });
    }
  }
  tellLinks(links, warnings);
}

function tellLinks(links: readonly string[], warnings: IssueList): void {
  const [first] = links;
  if (first === undefined) return;
  const more = links.length === 1 ? '' : ` and ${links.length - 1} more`;
  warnings.add({
    path: [],
    found: `${first}${more}`,
    problem:
      'A container platform sets this for a service whose name begins with switchyard; it is no setting, and ignored.',
    suggestion: 'Nothing has to be done. In Kubernetes, enableServiceLinks: false in the pod keeps it away.',
    source: 'environment',
  });
}

/** The variable that sets a key, such as `SWITCHYARD_COMPONENT__SECRET_FILE`. */
export function environmentName(path: KeyPath): string {
  const words = path.map((key) =>
    String(key)
      .replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`)
      .toUpperCase(),
  );
  return prefix + words.join('__');
}

function meaningOf(layers: Layers, name: string): Meaning {
  const path: string[] = [];
  let node: KeyNode = jsonSchema;
  for (const word of name.slice(prefix.length).split('__')) {
    const keys = isMap(node) ? mapKeys(layers, path, word) : namesOf(node).filter((key) => fold(key) === fold(word));
    if (keys.length > 1) {
      const problem = `It fits ${keys.map((key) => formatPath([...path, key])).join(' and ')}.`;
      return { problem, suggestion: 'Set this in the file.' };
    }
    const key = keys[0];
    const child = key === undefined ? undefined : childOf(node, key);
    if (key === undefined || child === undefined) return unknown(path, node, word);
    path.push(key);
    node = child;
  }
  return { path };
}

function unknown(path: readonly string[], node: KeyNode, word: string): Meaning {
  const keys = namesOf(node);
  const near = nearest(fold(word), keys.map(fold));
  const meant = keys.find((key) => fold(key) === near);
  const problem = 'There is no setting of this name.';
  if (meant !== undefined) return { problem, suggestion: `Write ${environmentName([...path, meant])}.` };
  const names = namesOf(node).map((key) => environmentName([...path, key]));
  if (names.length > 0) return { problem, suggestion: `Remove it, or write one of ${names.join(', ')}.` };
  return { problem, suggestion: `Set ${environmentName(path)}; there is nothing below it.` };
}

/** The keys of a map that a word may mean: those that stand there already, else the word in lower case. */
function mapKeys(layers: Layers, path: KeyPath, word: string): readonly string[] {
  const map = valueAt(layers.value, path);
  const names = isObject(map) ? Object.keys(map) : [];
  const lower = word.toLowerCase();
  if (names.includes(lower)) return [lower];
  const standing = names.filter((key) => fold(key) === fold(word));
  if (standing.length > 0) return standing;
  return lower === '' ? [] : [lower];
}

function fold(word: string): string {
  return word.replace(/[_.-]/g, '').toLowerCase();
}

function depth(name: string): number {
  return name.split('__').length;
}
