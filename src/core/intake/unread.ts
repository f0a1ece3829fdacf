import { parseAddress } from '../address/address.ts';
import { domainOf, isPlausibleJid } from '../address/jid.ts';
import type { RefusedStanza } from '../envelope.ts';
import { dropped, type Outcome } from '../outcome/outcome.ts';
import { refuse } from '../outcome/refuse.ts';
import type { Service } from '../service.ts';

/** The end of a stanza that was no envelope: answered where RFC 6120 8.3.1 allows an answer. */
export function refuseUnread(service: Service, stanza: RefusedStanza): Outcome {
  const { domain, out } = service;
  if (stanza.why === 'unknown-element') return dropped('unknown-element');
  if (stanza.why === 'no-address' || stanza.from === undefined || stanza.to === undefined) return dropped('no-address');
  // An error from an address that is not ours would cost us the link.
  const address = parseAddress(stanza.to, domain);
  if (address?.kind === 'foreign') return dropped('foreign-address');
  const pool = address !== undefined && 'pool' in address ? service.pools.get(address.pool) : undefined;
  const silent =
    stanza.type === 'error' ||
    stanza.type === 'result' ||
    (stanza.stanza === 'message' && stanza.type === 'headline') ||
    stanza.stanza === 'presence' ||
    (stanza.stanza === 'message' && pool?.hearsFrom(stanza.from) === true) ||
    !isPlausibleJid(stanza.from) ||
    domainOf(stanza.from) === domain;
  return silent ? dropped('shed') : refuse(out, stanza, stanza.why);
}
