import { createHash } from 'node:crypto';
import { type Element, xml } from './element.ts';
import { ns } from './namespaces.ts';

const node = 'https://www.npmjs.com/package/xmpp-switchyard-client';
const identity = { category: 'client', type: 'bot', name: 'xmpp-switchyard-client' };

/** Entity capabilities (XEP-0115), so that the router knows a worker's features without asking each one. */
export function capsElement(features: readonly string[]): Element {
  return xml('c', { xmlns: ns.caps, hash: 'sha-1', node, ver: verification(features) });
}

/** The answer to disco#info (XEP-0030), of the session or of its capabilities; nothing for another node. */
export function discoInfo(query: Element, features: readonly string[]): Element | undefined {
  const asked = query.attrs['node'];
  if (asked !== undefined && asked !== `${node}#${verification(features)}`) return undefined;
  return xml(
    'query',
    { xmlns: ns.discoInfo, node: asked },
    xml('identity', identity),
    ...features.map((feature) => xml('feature', { var: feature })),
  );
}

/** XEP-0115 section 5.1. */
function verification(features: readonly string[]): string {
  const { category, type, name } = identity;
  const bytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const text = [`${category}/${type}//${name}`, ...[...features].sort(bytes)].map((part) => `${part}<`).join('');
  return createHash('sha1').update(text).digest('base64');
}
