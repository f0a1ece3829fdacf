import { parse } from 'ltx';
import type { Inbound } from '../../core/envelope.ts';
import { readIq } from '../protocols/iq.ts';
import { readPresence } from '../protocols/presence.ts';
import type { AddressCache } from './address-cache.ts';
import { declarations, standAlone } from './declarations.ts';
import { childFields, type Frame } from './frame.ts';
import { namespaceOf, namespacesFit } from './namespace-check.ts';
import { ns } from './namespaces.ts';
import { refusedStanza } from './refused.ts';
import { treeMessage } from './tree-message.ts';

/** Makes the envelope of any stanza by parsing it; every stanza has one, if only as refused. */
export class Tree {
  readonly #domain: string;
  readonly #addresses: AddressCache;

  /** @param domain The component's domain, prepared. */
  constructor(domain: string, addresses: AddressCache) {
    this.#domain = domain;
    this.#addresses = addresses;
  }

  read(frame: Frame): Inbound {
    const element = parse(frame.text);
    const namespace = namespaceOf(element);
    const known = namespace === undefined || namespace === ns.component || namespace === ns.client;
    // Were the link closed for a prefix that is wrong, any client of a lax server could close it.
    if (!known || !namespacesFit(element)) return refusedStanza(frame, 'unknown-element');
    const name = element.getName();
    if (name !== 'message' && name !== 'presence' && name !== 'iq') return refusedStanza(frame, 'unknown-element');
    const { from, to, id } = element.attrs;
    if (!from || !to) return refusedStanza(frame, 'no-address');
    const head = { from: this.#addresses.get(from), to: this.#addresses.get(to), id: id || undefined };
    if (name === 'message') return treeMessage(element, frame, head, this.#domain);
    return name === 'presence' ? readPresence(element, head) : readIq(element, head, () => payloadOf(frame));
  }
}

/** The child elements as text that stands alone. */
function payloadOf(frame: Frame): string {
  const declared = declarations(frame);
  let payload = '';
  for (let at = 0; at < frame.childrenEnd; at += childFields) payload += standAlone(frame, at, declared);
  return payload;
}
