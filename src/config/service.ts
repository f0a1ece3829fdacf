import { complaint, type Reading } from './leaves.ts';

/** Where the XMPP server listens for components. */
export interface ServiceAddress {
  /** The address as a URL, `xmpp://host:port`. */
  readonly url: string;
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

const prosody =
  'Prosody listens on 5347 unless component_ports says otherwise; ejabberd on the port of its ejabberd_service listener';

/** Reads `xmpp://host:port`. */
export function readService(text: string): Reading<ServiceAddress> {
  const match = /^(?:([a-z+]+):\/\/)?(\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+)(?::(\d+))?\/?$/i.exec(text);
  if (match === null)
    return refuse('This is no address of a server.', 'Write "xmpp://host:port", such as "xmpp://127.0.0.1:5347".');
  const [, scheme, host = '', port] = match;
  if (scheme?.toLowerCase() !== 'xmpp') {
    return refuse(
      'The address must begin with xmpp:// (components connect over plain TCP).',
      `Write "xmpp://${host}:${port ?? '5347'}".`,
    );
  }
  if (port === undefined) return refuse('The port is missing.', `Write "xmpp://${host}:5347" (${prosody}).`);
  if (Number(port) < 1 || Number(port) > 65_535)
    return refuse('There is no such port.', `Write a port from 1 to 65535 (${prosody}).`);
  return { value: { url: `xmpp://${host}:${port}`, host: host.replace(/^\[|\]$/g, ''), port: Number(port) } };
}

/** An address to listen on. */
export type ListenAddress =
  | {
      readonly host: string;
      /** 0 for any free port. */
      readonly port: number;
    }
  /** A socket in the file system. */
  | { readonly path: string };

/** Reads `host:port` or `unix:path` for the HTTP listener; `off` is `undefined`. */
export function readListen(text: string): Reading<ListenAddress | undefined> {
  if (text === 'off') return { value: undefined };
  if (/^unix:./.test(text)) return { value: { path: text.slice('unix:'.length) } };
  const match = /^(\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+):(\d+)$/i.exec(text);
  const [, host = '', port = ''] = match ?? [];
  if (match === null)
    return refuse(
      'This is no address to listen on.',
      'Write "host:port", such as "127.0.0.1:8600", "unix:path", or "off".',
    );
  if (Number(port) > 65_535)
    return refuse('There is no such port.', 'Write a port from 1 to 65535, or 0 for any free one.');
  return { value: { host: host.replace(/^\[|\]$/g, ''), port: Number(port) } };
}

/** Whether only this machine can reach an address; a socket is none of the network. */
export function isLoopback(listen: ListenAddress): boolean {
  return 'host' in listen && /^(?:127(?:\.\d+){3}|::1|localhost)$/i.test(listen.host);
}

/** Reads a name by which browsers ask, as they write it: `host` or `host:port`. */
export function readWebHost(text: string): Reading<string> {
  const match = /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::(\d{1,5}))?$/i.exec(text);
  if (match !== null && Number(match[1] ?? 1) <= 65_535) return { value: text.toLowerCase() };
  return refuse(
    'This is no host name as browsers send it.',
    'Write "host" or "host:port" without http://, names beyond ASCII in their form with xn--.',
  );
}

function refuse(problem: string, suggestion: string): { readonly complaint: string } {
  return { complaint: complaint(problem, suggestion) };
}
