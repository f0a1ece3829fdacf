import { isIP } from 'node:net';
import { readAddress } from './address.ts';
import type { Element } from './element.ts';
import { ns } from './namespaces.ts';
import { StanzaError } from './stanza-error.ts';

/** Transfers that follow each other closely: three, then the configured address again (XEP-0051, RFC 6120 4.9.3.19). */
export const transferLimit = 3;

export interface TransferPolicy {
  /** Domain of the account; its server may always ask. */
  readonly domain: string;
  /** Other domains that may ask, such as that of the pools. */
  readonly trusted: readonly string[];
  /** The configured service; a move keeps its scheme. */
  readonly service: string | undefined;
  /** Whether the stream is encrypted now; then the next must be too. */
  readonly secure: boolean;
  /** Transfers obeyed in a row before this one. */
  readonly count: number;
}

/** Where to connect to next. */
export interface Move {
  /** `undefined`: simply reconnect, to the configured address. */
  readonly service: string | undefined;
  readonly requireTls: boolean;
}

/** Whether a request is a transfer, of version 0.2 or 0.1. */
export function isTransfer(iq: Element): boolean {
  const query = iq.getChild('query');
  return iq.attrs['type'] === 'set' && [ns.transfer, ns.oldTransfer].some((xmlns) => query?.is('query', xmlns));
}

/**
 * Decides on a transfer (XEP-0051 section "Connection Transfer").
 *
 * @throws StanzaError `not-allowed` from whom it is not obeyed, `bad-request` when it makes no sense.
 */
export function decideTransfer(iq: Element, policy: TransferPolicy): Move {
  const from = readAddress(iq.attrs['from'] ?? '');
  const trusted = [policy.domain, ...policy.trusted].map((domain) => domain.toLowerCase());
  if (
    from?.local !== undefined ||
    from?.resource !== undefined ||
    !trusted.includes(from?.domain.toLowerCase() ?? '')
  ) {
    throw refusal('not-allowed', 'This session is not transferred by the word of this address.');
  }
  const query = iq.getChild('query');
  const domain = query?.getChildText('domain')?.trim();
  if (domain !== undefined && domain !== '' && domain.toLowerCase() !== policy.domain.toLowerCase()) {
    throw refusal('not-allowed', `This account logs in to ${policy.domain} and to no other domain.`);
  }
  return decideMove(query?.getChildText('server')?.trim() ?? '', policy);
}

/** Decides on a host that a trusted side has named, as XEP-0051 and `see-other-host` write it. */
export function decideMove(host: string, policy: TransferPolicy): Move {
  if (policy.count >= transferLimit) {
    throw refusal('not-allowed', `This session was moved ${transferLimit} times in a row and stays for now.`);
  }
  const target = readHost(host);
  if (target === undefined) {
    throw new StanzaError(
      'modify',
      'bad-request',
      'A server is NAME, NAME:PORT, IPV4, IPV4:PORT, [IPV6] or [IPV6]:PORT.',
    );
  }
  if (target.port === undefined && target.name.toLowerCase() === policy.domain.toLowerCase()) {
    return { service: undefined, requireTls: policy.secure };
  }
  const scheme = /^xmpps?:/.exec(policy.service ?? 'xmpp:')?.[0];
  if (scheme === undefined) {
    throw refusal('feature-not-implemented', 'A session over WebSocket is not transferred.');
  }
  const port = target.port ?? (scheme === 'xmpps:' ? 5223 : 5222);
  const name = target.name.includes(':') ? `[${target.name}]` : target.name;
  return { service: `${scheme}//${name}:${port}`, requireTls: policy.secure || !isLoopback(target.name) };
}

function refusal(condition: string, text: string): StanzaError {
  return new StanzaError('cancel', condition, text);
}

/** Reads `name`, `name:port`, an IPv4 or IPv6 address; IPv6 with a port is in brackets. */
export function readHost(text: string): { readonly name: string; readonly port: number | undefined } | undefined {
  if (isIP(text) === 6) return { name: text, port: undefined };
  const found = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  if (found === null) return undefined;
  const [, six, other = '', digits] = found;
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  if (six !== undefined) return isIP(six) === 6 ? { name: six, port } : undefined;
  // Letters of any script, digits, dots and hyphens; all digits and dots is an address or nothing.
  if (/^[\d.]+$/.test(other)) return isIP(other) === 4 ? { name: other, port } : undefined;
  return /^(?!-)[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*$/u.test(other) && other.length <= 253
    ? { name: other, port }
    : undefined;
}

/** A connection that does not leave the machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The host of a service's URI; `undefined` when DNS says. */
export function hostOf(service: string): string | undefined {
  return URL.canParse(service) ? new URL(service).hostname.replace(/^\[(.*)\]$/, '$1') : undefined;
}
