import type { MessageOptions } from './answer.ts';
import { type Content, type Element, elementsOf, xml } from './element.ts';
import { ns } from './namespaces.ts';

/** A message as its options say; `terms` are further attributes of what it asks of its delivery. */
export function messageTo(
  to: string,
  id: string,
  content: Content,
  options: MessageOptions,
  terms: { readonly queued?: 'true' } = {},
  ...more: readonly (Element | undefined)[]
): Element {
  const { thread, type = 'chat', algorithm, guarantee, ttl } = options;
  const asked = guarantee !== undefined || ttl !== undefined || terms.queued !== undefined;
  const seconds = ttl === undefined ? undefined : String(Math.max(1, Math.ceil(ttl / 1000)));
  return xml(
    'message',
    { to, id, type },
    ...elementsOf(content),
    thread === undefined ? undefined : xml('thread', {}, thread),
    algorithm === undefined ? undefined : xml('cmr', { xmlns: ns.cmr, algorithm }),
    asked ? xml('deliver', { xmlns: ns.delivery, guarantee, ttl: seconds, ...terms }) : undefined,
    ...more,
  );
}
