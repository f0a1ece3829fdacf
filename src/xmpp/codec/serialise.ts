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
  let inner = '';
  for (const child of element.children) {
    if (typeof child === 'string') inner += escapeText(child);
    else if (keep(child)) inner += serialise(child, keepAll, map);
  }
  return withContent(element, inner, map);
}

/**
 * `element` as XML text, with `content`, which is XML text, in place of all that it holds.
 *
 * @param map What becomes of the values of its attributes.
 */
export function withContent(element: Element, content: string, map: (value: string) => string = same): string {
  let attributes = '';
  for (const [name, value] of Object.entries(element.attrs)) {
    if (value !== undefined) attributes += ` ${name}='${escapeAttribute(map(value))}'`;
  }
  const head = `<${element.name}${attributes}`;
  return content === '' ? `${head}/>` : `${head}>${content}</${element.name}>`;
}
