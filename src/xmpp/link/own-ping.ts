/** An XEP-0199 ping from our domain to itself: the server routes it back to us. `domain` needs no escaping. */
export function ownPing(domain: string, id: string): string {
  return `<iq type='get' id='${id}' from='${domain}' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`;
}
