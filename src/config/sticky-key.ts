import type { StickyKey } from '../core/settings.ts';
import { complaint, type Reading } from './leaves.ts';

const forms = 'Write "from", "thread", "{namespace}element" or "{namespace}element@attribute".';
const ncName = '[\\p{L}_][\\p{L}\\p{M}\\p{Nd}._-]*';
const elementForm = new RegExp(`^\\{([^{}\\s]+)\\}(${ncName})(?:@(${ncName}))?$`, 'u');

/** What the algorithm `sticky` goes by, as it is written in the file. */
export function readStickyKey(written: string): Reading<StickyKey> {
  if (written === 'from' || written === 'thread') return { value: { by: written } };
  const [, namespace, name, attribute] = elementForm.exec(written) ?? [];
  if (namespace === undefined || name === undefined) return { complaint: complaint('This is no key.', forms) };
  if (namespace.startsWith('urn:x-switchyard:') || namespace === 'urn:xmpp:cmr:0') {
    return { complaint: complaint('Elements of this namespace are taken out of every message.', forms) };
  }
  // The namespace of the stanza itself, which the server may write in either way.
  const known = namespace === 'jabber:component:accept' ? 'jabber:client' : namespace;
  return { value: { by: 'element', namespace: known, name, attribute } };
}
