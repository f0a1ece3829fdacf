import type { Element } from 'ltx';
import { beginsName } from './character.ts';
import { ns } from './namespaces.ts';

/** The namespace that `prefix` (`''` for the default) means at `element`; ltx takes `xmlns=''` for no declaration. */
export function lookup(element: Element, prefix: string): string | undefined {
  if (prefix === 'xml') return ns.xml;
  const name = prefix === '' ? 'xmlns' : `xmlns:${prefix}`;
  for (let at: Element | null = element; at !== null; at = at.parent) {
    const declared = at.attrs[name];
    if (declared !== undefined) return declared;
  }
  return undefined;
}

/** The namespace of an element; `undefined` for that of the stream. */
export function namespaceOf(element: Element): string | undefined {
  const colon = element.name.indexOf(':');
  return lookup(element, colon < 0 ? '' : element.name.slice(0, colon));
}

/** Whether `element` and all in it is right by Namespaces in XML 1.0, standing alone. */
export function namespacesFit(element: Element): boolean {
  if (!isQualifiedName(element.name) || !prefixFits(element, element.name)) return false;
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(element.attrs)) {
    if (!isQualifiedName(name) || value === undefined) return false;
    if (name === 'xmlns' || name.startsWith('xmlns:')) {
      if (!declarationFits(name, value)) return false;
      continue;
    }
    const colon = name.indexOf(':');
    if (colon < 0) continue;
    if (!prefixFits(element, name)) return false;
    const expanded = `${lookup(element, name.slice(0, colon)) ?? ''} ${name.slice(colon + 1)}`;
    if (seen.has(expanded)) return false;
    seen.add(expanded);
  }
  return element.getChildElements().every(namespacesFit);
}

function isQualifiedName(name: string): boolean {
  const colon = name.indexOf(':');
  if (colon < 0) return true;
  return (
    colon > 0 && name.indexOf(':', colon + 1) < 0 && colon + 1 < name.length && beginsName(name.charCodeAt(colon + 1))
  );
}

function prefixFits(element: Element, name: string): boolean {
  const colon = name.indexOf(':');
  if (colon < 0) return true;
  const prefix = name.slice(0, colon);
  return prefix !== 'xmlns' && lookup(element, prefix) !== undefined;
}

function declarationFits(name: string, value: string): boolean {
  if (value === ns.xmlns || name === 'xmlns:xmlns') return false;
  if (name === 'xmlns:xml') return value === ns.xml;
  return value !== ns.xml && (value !== '' || name === 'xmlns');
}
