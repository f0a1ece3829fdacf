import { parse } from 'ltx';
import type { RefusedStanza } from '../../core/envelope.ts';
import { attribute } from './attribute.ts';
import type { Frame } from './frame.ts';

/** A stanza that becomes no envelope, with what its open tag says. */
export function refusedStanza(frame: Frame, why: RefusedStanza['why']): RefusedStanza {
  const name = frame.text.slice(1, frame.nameEnd);
  const value = (wanted: string): string | undefined => {
    const raw = attribute(frame, 0, frame.ownAttributes, wanted);
    // The framer has checked every reference, so that this cannot throw.
    return raw?.includes('&') ? parse(`<a b="${raw.replaceAll('"', '&quot;')}"/>`).attrs['b'] : raw;
  };
  return {
    kind: 'refused',
    stanza: name === 'message' || name === 'presence' || name === 'iq' ? name : 'other',
    type: value('type'),
    from: value('from') || undefined,
    to: value('to') || undefined,
    id: value('id') || undefined,
    why,
  };
}
