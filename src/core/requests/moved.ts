import { bareOf, resourceOf } from '../address/jid.ts';
import type { IqRequestEnvelope, MessageEnvelope, PresenceEnvelope } from '../envelope.ts';
import { bounced, dropped, type Outcome } from '../outcome/outcome.ts';
import { refuse, refuseMessage } from '../outcome/refuse.ts';
import type { Service } from '../service.ts';
import type { MovedTo } from '../settings.ts';

/** Whether somebody who wrote `from` here `to` there may be sent to `jid`: not to himself, nor where he just was. */
export function leadsOn(jid: string, { from, to }: { readonly from: string; readonly to: string }): boolean {
  return jid !== to && jid !== from && (resourceOf(jid) !== undefined || jid !== bareOf(from));
}

/**
 * Tells who writes to a pool that has moved where it is now. A get can be told the whole redirected
 * query, where the new address is for now: what has moved for good is no redirect of JEP-0051.
 */
export function refuseMoved(
  { out }: Service,
  stanza: MessageEnvelope | PresenceEnvelope | IqRequestEnvelope,
  moved: MovedTo,
): Outcome {
  const code = moved.permanent ? 'moved-for-good' : 'moved';
  if (stanza.kind === 'message' && stanza.type === 'headline') return refuseMessage(out, stanza, code);
  if (stanza.kind !== 'presence' && !leadsOn(moved.to, stanza)) return refuse(out, stanza, 'unreachable');
  const complete = stanza.kind === 'iq-request' && stanza.type === 'get' && !moved.permanent;
  const sent = complete ? out.redirect(stanza, { to: moved.to, query: undefined }) : out.moved(stanza, moved);
  if (sent === 'sent') return bounced(code);
  return sent === 'too-large' && stanza.kind !== 'presence' ? refuse(out, stanza, 'too-large') : dropped('link-down');
}
