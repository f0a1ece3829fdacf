import { domainOf, localOf, resourceOf } from '../../core/address/jid.ts';

/** What `encodeURIComponent` writes in numbers, and an XMPP URI may hold as it is (RFC 5122 section 2.2). */
const plainInNode = /%(?:2B|2C|3B|3D|24)/g;
const plainInResource = /%(?:26|2B|2C|3A|3B|3D|24)/g;

/** The URI of a JID (RFC 5122), without a query. */
export function uriOf(jid: string): string {
  const [local, resource] = [localOf(jid), resourceOf(jid)];
  const node = local === undefined ? '' : `${encoded(local, plainInNode)}@`;
  const rest = resource === undefined ? '' : `/${encoded(resource, plainInResource)}`;
  // Letters beyond ASCII may stand in the host of an IRI, and nobody would look up what encodes them.
  return `xmpp:${node}${domainOf(jid)}${rest}`;
}

function encoded(text: string, plain: RegExp): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(plain, decodeURIComponent);
}
