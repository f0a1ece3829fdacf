import { xml as build } from '@xmpp/client';

/** An XML element, as @xmpp/client makes it and as it arrives. */
export interface Element {
  readonly name: string;
  readonly attrs: Readonly<Record<string, string | undefined>>;
  readonly children: readonly (Element | string)[];
  is(name: string, xmlns?: string): boolean;
  /** The namespace that holds for it, also one that it inherits. */
  getNS(): string | undefined;
  getChild(name: string, xmlns?: string): Element | undefined;
  getChildren(name: string, xmlns?: string): Element[];
  getChildElements(): Element[];
  getChildText(name: string, xmlns?: string): string | null;
  getText(): string;
  toString(): string;
}

/** What a message says: the text of its body, or elements to put into it. */
export type Content = string | Element | readonly Element[];

/**
 * Builds an element: `xml('query', { xmlns: 'urn:example:load' }, 'text', child)`.
 * Attributes and children that are `undefined` are left out.
 */
export function xml(
  name: string,
  attrs: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly (Element | string | undefined)[]
): Element {
  const given = Object.entries(attrs).filter(([, value]) => value !== undefined);
  return build(name, Object.fromEntries(given), ...children.filter((child) => child !== undefined));
}

/** The elements of a content. */
export function elementsOf(content: Content): Element[] {
  if (typeof content === 'string') return [xml('body', {}, content)];
  return 'name' in content ? [content] : [...content];
}
