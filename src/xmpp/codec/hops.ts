import { escapeAttribute } from './escape.ts';
import { ns } from './namespaces.ts';

/** The chain of pools that a message has passed, as text of its `<hop/>` elements. */
export function hopElements(vias: readonly string[]): string {
  let text = '';
  for (const [index, via] of vias.entries()) text += hopElement(index + 1, via);
  return text;
}

/** The hop of one pool. */
export function hopElement(n: number, via: string): string {
  return `<hop xmlns='${ns.pool}' n='${n}' via='${escapeAttribute(via)}'/>`;
}
