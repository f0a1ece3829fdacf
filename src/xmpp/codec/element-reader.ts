import { type Element, parse } from 'ltx';
import type { ElementReader } from '../../core/ports.ts';
import { namespaceOf } from './namespace-check.ts';
import { ns } from './namespaces.ts';

/**
 * Reads one element among the children of a message. It parses what is passed on to the worker, so
 * it finds the same whether the message came by the scanner or by the parser; a message that does
 * not name the element at all is not parsed.
 */
export const readElement: ElementReader = (tail, { namespace, name, attribute }) => {
  if (!tail.includes(name)) return undefined;
  for (const child of parse(`<message>${tail}</message>`).getChildElements()) {
    if (child.getName() !== name || plainNamespace(child) !== namespace) continue;
    const value = attribute === undefined ? child.getText() : child.attrs[attribute];
    if (value) return value;
  }
  return undefined;
};

/** The namespace of the stanza has two names, and mostly none is written. */
function plainNamespace(child: Element): string {
  const namespace = namespaceOf(child);
  return namespace === undefined || namespace === ns.component ? ns.client : namespace;
}
