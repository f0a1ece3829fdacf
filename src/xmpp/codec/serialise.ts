import type { Element } from 'ltx';
import { escapeAttribute, escapeText } from './escape.ts';

/** Drops nothing by default. */
const keepAll = (): boolean => true;
/** Changes nothing by default. */
const same = (value: string): string => value;

/**
 * `element` as XML text. Not ltx's own: that one writes line breaks of attributes as they are,
 * and whoever reads them gets spaces.
 *
 * @param keep Which of its child elements stay.
 * @param map What becomes of the values of attributes, its own and those below.
 */
export function serialise(
  element: Element,
  keep: (child: Element) => boolean = keepAll,
  map: (value: string) => string = same,
): string {
  let attributes = '';
  for (const [name, value] of Object.entries(element.attrs)) {
    if (value !== undefined) attributes += ` ${name}='${escapeAttribute(map(value))}'`;
  }
  let inner = '';
  for (const child of element.children) {
    if (typeof child === 'string') inner += escapeText(child);
    else if (keep(child)) inner += serialise(child, keepAll, map);
  }
  const head = `<${element.name}${attributes}`;
  return inner === '' ? `${head}/>` : `${head}>${inner}</${element.name}>`;
}
