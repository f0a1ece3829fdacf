import type { Config } from '../config/config.ts';
import type { LinkSettings } from '../xmpp/link/link-settings.ts';

/** What the configuration says of the link. */
export function linkSettings({ component, limits }: Config): LinkSettings {
  return {
    host: component.service.host,
    port: component.service.port,
    domain: component.domain,
    secret: component.secret,
    secretFrom: component.secretFrom,
    handshakeTimeout: component.handshakeTimeout,
    keepalive: component.keepalive,
    pingTimeout: component.pingTimeout,
    reconnect: component.reconnect,
    follow: component.follow,
    outBuffer: limits.outBuffer,
  };
}
