import { prepareDomain } from '../address/jid.ts';
import { ownCopy } from '../memory/own-copy.ts';

/** Where a client is to connect: what `<server/>` says (XEP-0051, section 2). */
export interface Destination {
  /** Name or address, prepared; an IPv6 address in brackets. */
  readonly host: string;
  /** `undefined` to find it as the client finds any server's. */
  readonly port: number | undefined;
}

/** Longest text that is looked at: a name of 255 bytes with its port, and room for white space. */
const textLimit = 512;

/**
 * Reads `<server/>`: a domain name or an IP address, and perhaps `:port`. An IPv6 address with a
 * port stands in brackets, as in `<see-other-host/>` (RFC 6120 section 4.9.3.19); without a port it
 * may stand alone. White space around it does not count. `undefined` for anything else.
 */
export function parseDestination(text: string): Destination | undefined {
  if (text.length > textLimit) return undefined;
  // Who keeps it shall not keep all that was read with it.
  const trimmed = ownCopy(text).trim();
  if (isIpv6(trimmed)) return { host: `[${trimmed.toLowerCase()}]`, port: undefined };
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(trimmed) ?? [];
  if (host === undefined) return undefined;
  const prepared = prepareHost(host);
  if (prepared === undefined) return undefined;
  if (port === undefined) return { host: prepared, port: undefined };
  const number = Number(port);
  return number >= 1 && number <= 65_535 ? { host: prepared, port: number } : undefined;
}

/** The destination as `<server/>` holds it. */
export function formatDestination({ host, port }: Destination): string {
  return port === undefined ? host : `${host}:${port}`;
}

/** Whether two texts mean one server: the same host, and no two ports that differ. */
export function sameServer(a: Destination, b: Destination): boolean {
  return a.host === b.host && (a.port === undefined || b.port === undefined || a.port === b.port);
}

function prepareHost(host: string): string | undefined {
  if (host.startsWith('[')) return isIpv6(host.slice(1, -1)) ? host.toLowerCase() : undefined;
  // A name cannot consist of numbers alone: that is an address, or a slip in one.
  if (/^[\d.]+$/.test(host)) return isIpv4(host) ? host : undefined;
  const prepared = prepareDomain(host);
  return prepared.ok ? prepared.value : undefined;
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** RFC 4291 section 2.2, without a zone. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (!text.includes(':') || halves.length > 2) return false;
  let groups = 0;
  for (const [half, content] of halves.entries()) {
    const parts = content === '' ? [] : content.split(':');
    for (const [index, part] of parts.entries()) {
      const last = half === halves.length - 1 && index === parts.length - 1;
      if (last && part.includes('.') && isIpv4(part)) groups += 2;
      else if (/^[0-9a-f]{1,4}$/i.test(part)) groups += 1;
      else return false;
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}
