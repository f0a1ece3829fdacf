import { type Element, parse } from 'ltx';
import { classify } from './child-class.ts';
import { escapeText } from './escape.ts';
import { namespaceOf } from './namespace-check.ts';
import { serialise } from './serialise.ts';

/**
 * The children `tail` with `to` in place of `from` wherever a receipt, a marker or a reference
 * names it. It parses, and is for the few messages whose id was ours.
 */
export function renameReference(tail: string, from: string, to: string): string {
  let renamed = '';
  for (const child of parse(`<message>${tail}</message>`).children) {
    if (typeof child === 'string') {
      renamed += escapeText(child);
      continue;
    }
    if (names(child, from)) child.attrs['id'] = to;
    renamed += serialise(child);
  }
  return renamed;
}

function names(child: Element, id: string): boolean {
  if (child.attrs['id'] !== id) return false;
  const kind = classify(child.getName(), namespaceOf(child));
  return kind === 'receipt' || kind === 'marker' || kind === 'reference';
}
