import type { ReceivedError, ReceivedSubscription } from '../envelope.ts';
import type { PubSubRequest } from '../ports.ts';
import type { NodeFailure, NodeSubscription } from './node-subscription.ts';

/** Conditions that say that there is no service, or that it cannot answer now (RFC 6120 8.3.3). */
const unreachable: ReadonlySet<string> = new Set([
  'remote-server-not-found',
  'remote-server-timeout',
  'service-unavailable',
  'recipient-unavailable',
  'resource-constraint',
  'internal-server-error',
]);

/** There is no service, or it cannot answer now: to ask again later may help. */
export function meansUnreachable({ condition }: ReceivedError): boolean {
  return unreachable.has(condition);
}

/** What the error of a service that refuses means for the subscription (XEP-0060 6.1.3, 6.1.5). */
export function refusalOf(error: ReceivedError): { readonly state: NodeFailure; readonly why: string } {
  const why = error.pubsub ?? error.condition;
  if (why === 'pending-subscription') return { state: 'pending', why };
  return { state: why === 'configuration-required' ? 'unconfigured' : 'refused', why };
}

/**
 * The pool's subscription in a list of them, and those to the same node that it has beside it: one
 * that events come by before one that waits, and the one that is known before others.
 */
export function ownOf(
  list: readonly ReceivedSubscription[],
  { node, jid, subid: known }: NodeSubscription,
): { readonly kept: ReceivedSubscription | undefined; readonly surplus: readonly ReceivedSubscription[] } {
  const ours = list.filter((one) => (one.node ?? node) === node && (one.jid ?? jid) === jid && one.state !== 'none');
  const rank = ({ state, subid }: ReceivedSubscription): number =>
    (state === 'subscribed' ? 4 : state === 'unconfigured' ? 2 : 0) + (subid === known ? 1 : 0);
  const [kept, ...others] = ours.sort((a, b) => rank(b) - rank(a));
  return { kept, surplus: others.filter(({ subid }) => subid !== kept?.subid) };
}

/** Whether the options that were asked for are those of the configuration still. */
export function isCurrent(request: PubSubRequest, { settings }: NodeSubscription): boolean {
  return 'options' in request && JSON.stringify(request.options) === JSON.stringify(settings.options);
}
