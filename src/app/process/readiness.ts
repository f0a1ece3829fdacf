import type { ReadinessReason } from '../../http/routes.ts';
import type { Store } from '../../store/store.ts';
import type { Link } from '../../xmpp/link/link.ts';

/** Why the service is not ready to route; empty when it is. */
export function readiness(link: Link, store: Store, draining: boolean): readonly ReadinessReason[] {
  const reasons: ReadinessReason[] = [];
  if (draining) reasons.push({ code: 'shutting-down', text: 'The service is shutting down.' });
  if (link.state !== 'online') {
    const why = link.problem === undefined ? '' : ` ${link.problem.text}`;
    reasons.push({ code: 'link-down', text: `Not attached to the XMPP server.${why}` });
  } else if (link.health.state === 'testing') {
    reasons.push({ code: 'link-testing', text: 'The self-test of the link is under way.' });
  } else if (link.health.state === 'suspect') {
    reasons.push({ code: 'link-suspect', text: link.health.reason ?? 'The self-test of the link failed.' });
  }
  if (!store.health.ok) reasons.push({ code: 'store-failed', text: store.health.reason });
  return reasons;
}

/** The same in a sentence, for who looks at the service from outside. */
export function statusText(reasons: readonly ReadinessReason[]): string {
  return reasons.length === 0 ? 'Ready.' : `Not ready: ${reasons.map(({ code }) => code).join(', ')}.`;
}
