import type { Element } from 'ltx';
import type { PresenceEnvelope, PresenceType, Show } from '../../core/envelope.ts';
import { ns } from '../codec/namespaces.ts';
import { readError } from './received-error.ts';
import { readWish } from './worker-wish.ts';

const types: ReadonlySet<string> = new Set<PresenceType>([
  'unavailable',
  'subscribe',
  'subscribed',
  'unsubscribe',
  'unsubscribed',
  'probe',
  'error',
]);

/** An inbound presence (RFC 6121 section 4). */
export function readPresence(
  stanza: Element,
  head: { readonly from: string; readonly to: string; readonly id: string | undefined },
): PresenceEnvelope {
  const muc = stanza.getChildElements().some((child) => child.is('x', ns.muc));
  return {
    kind: 'presence',
    type: readType(stanza.attrs['type']),
    from: head.from,
    to: head.to,
    id: head.id,
    show: readShow(textOf(stanza, 'show')),
    priority: readPriority(textOf(stanza, 'priority')),
    muc,
    wish: readWish(stanza.getChildElements()),
    caps: readCaps(stanza),
    error: stanza.attrs['type'] === 'error' ? readError(stanza) : undefined,
  };
}

/** Text of the first child of that name in the stanza's own namespace. */
function textOf(stanza: Element, name: string): string | undefined {
  return stanza
    .getChildElements()
    .find((child) => child.getName() === name && child.getNS() === stanza.getNS())
    ?.getText();
}

function readType(type: unknown): PresenceType {
  if (type === undefined) return 'available';
  return isPresenceType(type) ? type : 'invalid';
}

function isPresenceType(type: unknown): type is PresenceType {
  return typeof type === 'string' && types.has(type);
}

function readShow(text: string | undefined): Show {
  const show = text?.trim();
  return show === 'chat' || show === 'away' || show === 'xa' || show === 'dnd' ? show : 'online';
}

function readPriority(text: string | undefined): number {
  const trimmed = text?.trim() ?? '';
  if (!/^[+-]?\d+$/.test(trimmed)) return 0;
  // Adding zero makes 0 of -0.
  return Math.max(-128, Math.min(127, Number(trimmed))) + 0;
}

/** Longest node and version that are looked at, in UTF-16 code units. */
const capsLimit = 1024;

/** XEP-0115 section 4; other hashes than SHA-1, which every client still sends, are not read. */
function readCaps(stanza: Element): PresenceEnvelope['caps'] {
  const { node, ver, hash } = stanza.getChildElements().find((child) => child.is('c', ns.caps))?.attrs ?? {};
  if (node === undefined || ver === undefined || hash !== 'sha-1') return undefined;
  return node.length + ver.length > capsLimit ? undefined : { node, version: ver };
}
