import { domainOf, isPlausibleJid } from './jid.ts';

/** Whose address a `from` is: nobody's, our own, or somebody else's. */
export type Peer = 'invalid' | 'own' | 'other';

/** Whose address `from` is, for a service of this `domain`. */
export function peerOf(from: string, domain: string): Peer {
  if (!isPlausibleJid(from)) return 'invalid';
  return domainOf(from) === domain ? 'own' : 'other';
}
