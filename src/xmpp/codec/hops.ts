import { escapeAttribute } from './escape.ts';
import { ns } from './namespaces.ts';

/** The chain of pools that a message has passed, as text of its `<hop/>` elements; those without a name have none. */
export function hopElements(vias: readonly string[]): string {
  let text = '';
  for (const [index, via] of vias.entries()) if (via !== '') text += hopElement(index + 1, via);
  return text;
}

/** The hop of one pool, the `n`th of the chain. */
export function hopElement(n: number, via: string): string {
  return `<hop xmlns='${ns.pool}' n='${n}' via='${escapeAttribute(via)}'/>`;
}
