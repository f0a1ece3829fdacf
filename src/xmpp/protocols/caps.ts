import { createHash } from 'node:crypto';
import { escapeAttribute } from '../codec/escape.ts';
import { ns } from '../codec/namespaces.ts';

/** What a version string is made of (XEP-0115 section 5.1). */
export interface CapsInput {
  readonly identities: readonly {
    readonly category: string;
    readonly type: string;
    readonly lang?: string;
    readonly name: string;
  }[];
  readonly features: readonly string[];
  readonly forms: readonly {
    readonly type: string;
    readonly fields: readonly { readonly name: string; readonly values: readonly string[] }[];
  }[];
}

/** The verification string of XEP-0115 section 5.1, by SHA-1 and in base64. */
export function capsVersion(info: CapsInput): string {
  return createHash('sha1').update(verificationText(info)).digest('base64');
}

/** The text that is hashed; every list in the order of its bytes. */
function verificationText({ identities, features, forms }: CapsInput): string {
  const names = sorted(identities.map(({ category, type, lang = '', name }) => `${category}/${type}/${lang}/${name}`));
  let text = '';
  for (const item of [...names, ...sorted(features)]) text += `${item}<`;
  for (const form of sortedBy(forms, ({ type }) => type)) {
    text += `${form.type}<`;
    for (const { name, values } of sortedBy(form.fields, (field) => field.name)) {
      for (const item of [name, ...sorted(values)]) text += `${item}<`;
    }
  }
  return text;
}

/** `<c/>` for a presence of ours. */
export function writeCaps(caps: { readonly node: string; readonly version: string }): string {
  return `<c xmlns='${ns.caps}' hash='sha-1' node='${escapeAttribute(caps.node)}' ver='${escapeAttribute(caps.version)}'/>`;
}

function sorted(texts: readonly string[]): string[] {
  return sortedBy(texts, (text) => text);
}

/** By the bytes of UTF-8 (i;octet, RFC 4790 section 9.3), which is not the order of JavaScript's strings. */
function sortedBy<Item>(items: readonly Item[], key: (item: Item) => string): Item[] {
  return [...items].sort((a, b) => Buffer.compare(Buffer.from(key(a)), Buffer.from(key(b))));
}
