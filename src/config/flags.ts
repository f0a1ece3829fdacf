import { applyText } from './apply-text.ts';
import type { IssueList } from './issue-list.ts';
import { childOf, isMap, jsonSchema, type KeyNode } from './keys.ts';
import { isObject, type Layers, valueAt } from './layers.ts';

/** Writes flags, by dotted path such as `log.level`, over what stands in `layers`. */
export function applyFlags(layers: Layers, flags: Readonly<Record<string, string>>, errors: IssueList): void {
  for (const [dotted, written] of Object.entries(flags)) {
    applyText(layers, splitPath(layers, dotted), written, { rank: 'flag', text: 'flag' }, errors);
  }
}

/** A pool's name may hold dots: one that stands already is taken whole. */
function splitPath(layers: Layers, dotted: string): string[] {
  const path: string[] = [];
  let node: KeyNode | undefined = jsonSchema;
  for (let rest = dotted; rest !== ''; ) {
    const key: string = standingName(layers, node, path, rest) ?? rest.split('.')[0] ?? rest;
    path.push(key);
    rest = rest.slice(key.length + 1);
    node = node && childOf(node, key);
  }
  return path;
}

function standingName(layers: Layers, node: KeyNode | undefined, path: string[], rest: string): string | undefined {
  if (node === undefined || !isMap(node)) return undefined;
  const map = valueAt(layers.value, path);
  const names = isObject(map) ? Object.keys(map) : [];
  return names.sort((a, b) => b.length - a.length).find((name) => rest === name || rest.startsWith(`${name}.`));
}
