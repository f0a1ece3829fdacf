import type { Element } from 'ltx';
import type { ReceivedInfo } from '../../core/envelope.ts';
import { ns } from '../codec/namespaces.ts';
import { type CapsInput, capsVersion } from './caps.ts';

/** An answer with more children is not read: nobody needs it, and it takes time to sort. */
const childrenLimit = 500;

/**
 * The disco#info answer in a result (XEP-0030), with the version that it has (XEP-0115 section
 * 5.4). `undefined` when there is none, or it says something twice: then no version is sure.
 */
export function readInfo(stanza: Element): ReceivedInfo | undefined {
  const query = stanza.getChildElements().find((child) => child.is('query', ns.discoInfo));
  const children = query?.getChildElements();
  if (children === undefined || children.length > childrenLimit) return undefined;
  const identities = children.filter((child) => child.is('identity', ns.discoInfo)).map(readIdentity);
  const features = children.filter((child) => child.is('feature', ns.discoInfo)).map(({ attrs }) => attrs['var'] ?? '');
  const forms = readForms(children.filter((child) => child.is('x', ns.dataForms)));
  if (forms === undefined || hasDouble(features)) return undefined;
  if (hasDouble(identities.map((identity) => JSON.stringify(identity)))) return undefined;
  return { version: capsVersion({ identities, features, forms }), features };
}

function readIdentity({ attrs }: Element): CapsInput['identities'][number] {
  const lang = attrs['xml:lang'] ?? '';
  return { category: attrs['category'] ?? '', type: attrs['type'] ?? '', lang, name: attrs['name'] ?? '' };
}

/** Forms without a hidden FORM_TYPE do not count; `undefined` for one that has several, or two of one type. */
function readForms(elements: readonly Element[]): CapsInput['forms'] | undefined {
  const forms: CapsInput['forms'][number][] = [];
  for (const element of elements) {
    const fields = element.getChildElements().filter((child) => child.is('field', ns.dataForms));
    const kind = fields.find(({ attrs }) => attrs['var'] === 'FORM_TYPE' && attrs['type'] === 'hidden');
    if (kind === undefined) continue;
    const types = new Set(valuesOf(kind));
    const [type] = types;
    if (type === undefined || types.size > 1) return undefined;
    const others = fields.filter((field) => field !== kind);
    forms.push({ type, fields: others.map((field) => ({ name: field.attrs['var'] ?? '', values: valuesOf(field) })) });
  }
  return hasDouble(forms.map(({ type }) => type)) ? undefined : forms;
}

function valuesOf(field: Element): string[] {
  return field
    .getChildElements()
    .filter((child) => child.is('value', ns.dataForms))
    .map((value) => value.getText());
}

function hasDouble(texts: readonly string[]): boolean {
  return new Set(texts).size < texts.length;
}
