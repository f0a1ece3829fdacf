import { type Element, parse } from 'ltx';
import { bareOf, domainOf } from '../../core/address/jid.ts';
import type { MessageEnvelope } from '../../core/envelope.ts';
import { namespaceOf } from './namespace-check.ts';
import { ns } from './namespaces.ts';
import { serialise } from './serialise.ts';

/** What servers and clients put beside the content, and into it the sender's JID or his host. */
const telltale: ReadonlySet<string> = new Set([
  `stanza-id ${ns.stanzaIds}`,
  `delay ${ns.delay}`,
  'x jabber:x:delay',
  `addresses ${ns.addresses}`,
]);
/** Text without which there is nothing to look for; a domain can be written in numbers only. */
const telltaleText = ['stanza-id', 'delay', 'addresses', '&#'];

/**
 * The children of a message for a worker who shall not know its sender, of whom it knows
 * `standIn`. What was added on the way goes, and the sender's JID as the value of an attribute,
 * such as the author of a message replied to (XEP-0461), becomes `standIn`. What he himself
 * tells in his text is his own to give away.
 */
export function withoutTraces(tail: string, sender: string, standIn: string): string {
  const bare = bareOf(sender);
  if (!tail.includes(domainOf(sender)) && !telltaleText.some((text) => tail.includes(text))) return tail;
  const replace = (value: string): string => (value === sender || value === bare ? standIn : value);
  return parse(`<message xmlns='${ns.component}'>${tail}</message>`)
    .getChildElements()
    .filter((child) => !telltale.has(`${child.getName()} ${namespaceOf(child) ?? ''}`))
    .map((child: Element) => serialise(child, undefined, replace))
    .join('');
}

/** The message without its id where that names the sender; work has been given another id by then. */
export function withoutTellingId(message: MessageEnvelope): MessageEnvelope {
  return message.id?.includes(bareOf(message.from)) === true ? { ...message, id: undefined } : message;
}
