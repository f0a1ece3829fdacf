import { serverDomain } from '../../core/address/jid.ts';
import { type Destination, parseDestination, sameServer } from '../../core/transfer/destination.ts';
import type { LinkSettings } from './link-settings.ts';

/** Where to connect, and how to know who answers. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /**
   * Names of which one has to be in the server's certificate; `undefined` for plain TCP. XEP-0114
   * authenticates the component and not the server, so that where we are sent TLS has to.
   */
  readonly certificateFor: readonly string[] | undefined;
}

/** Moves in a row that are followed (RFC 6120 section 4.9.3.19 wants an end after 2 to 5). */
const movesMost = 3;

/**
 * Where the link goes: to the configured server, or where that one has sent it. A failure brings
 * it back to the configured one.
 */
export class Route {
  readonly #configured: Target;
  readonly #listed: readonly Destination[];
  readonly #domain: string;
  #target: Target;
  #moves = 0;

  constructor({ host, port, domain, follow }: Pick<LinkSettings, 'host' | 'port' | 'domain' | 'follow'>) {
    this.#configured = { host, port, certificateFor: undefined };
    this.#target = this.#configured;
    this.#listed = follow;
    this.#domain = domain;
  }

  get target(): Target {
    return this.#target;
  }

  /** Whether the operator lets the server send us there, and it has not sent us too often. */
  allows(destination: Destination): boolean {
    if (this.#moves >= movesMost || this.#listed.length === 0) return false;
    return this.#meansAgain(destination) || this.#listed.some((listed) => sameServer(listed, destination));
  }

  /** Goes elsewhere from the next attempt on. False when it may not. */
  go(destination: Destination): boolean {
    if (!this.allows(destination)) return false;
    this.#moves += 1;
    this.#target = this.#meansAgain(destination) ? this.#configured : this.#targetAt(destination);
    return true;
  }

  /** Goes where `text` of a `<see-other-host/>` says (RFC 6120 section 4.9.3.19). False when it may not. */
  goTo(text: string): boolean {
    const destination = parseDestination(text);
    return destination !== undefined && this.go(destination);
  }

  /** Where the link stood or came to has failed: the configured server is next. */
  back(): void {
    this.#target = this.#configured;
  }

  /** The row of moves is over: the link is stable, or was refused another one. */
  settle(): void {
    this.#moves = 0;
  }

  /** XEP-0051 section 2: the domain itself for "simply connect again". */
  #meansAgain({ host, port }: Destination): boolean {
    return port === undefined && (host === this.#domain || host === serverDomain(this.#domain));
  }

  #targetAt({ host, port = this.#configured.port }: Destination): Target {
    const name = host.replace(/^\[|\]$/g, '');
    const certificateFor = isLoopback(name) ? undefined : [serverDomain(this.#domain), this.#domain];
    return { host: name, port, certificateFor };
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}
