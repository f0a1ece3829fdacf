import type { Connection } from './connection.ts';
import { type Element, xml } from './element.ts';
import { ns } from './namespaces.ts';

/**
 * Answers who looks for an instance of a service (after the DIX proto-XEP): presence first, so that
 * the other may ask what the instance can do (RFC 6121 section 8.5.3.1), then a message with the same id.
 */
export function welcome(connection: Connection, ping: Element, priority: number): void {
  const { from: to, id, type } = ping.attrs;
  if (to === undefined || id === undefined) return;
  const presence = xml('presence', { to }, xml('priority', {}, String(priority)), connection.capabilities);
  const pong = xml('message', { to, id, type }, xml('pong', { xmlns: ns.dix }), xml('no-store', { xmlns: ns.hints }));
  // Without a session the other has been told already that we are gone.
  for (const stanza of [presence, pong]) void connection.send(stanza).catch(() => undefined);
}
