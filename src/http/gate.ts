import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback, type ListenAddress } from './listen-address.ts';
import { failure, type Reply } from './reply.ts';

/** Under which names the server is asked. */
export interface GateOptions {
  readonly address: ListenAddress;
  /** Names besides those that are always good, `host` or `host:port`. */
  readonly hosts: readonly string[];
}

/** What is asked for: a page for probes and scrapers, a file of the console, or something of the API. */
export type Asked = 'probe' | 'file' | 'api';

type Asker = Pick<IncomingMessage, 'headers'>;

/**
 * Keeps out requests that a page of somebody else makes a browser send. Browsers say in `Host` by
 * which name they found us, and in `Origin` and `Sec-Fetch-Site` which page asks.
 */
export class Gate {
  readonly #address: ListenAddress;
  readonly #hosts: readonly string[];
  readonly #names: ReadonlySet<string>;

  constructor({ address, hosts }: GateOptions) {
    this.#address = address;
    this.#hosts = hosts.map((host) => host.toLowerCase());
    const own = address.kind === 'tcp' ? [address.host.toLowerCase()] : [];
    this.#names = new Set(['localhost', ...own, ...this.#hosts.map(nameOf)]);
  }

  /** Why a request is not answered, or `undefined`. */
  refusalFor(request: Asker, asked: Asked): Reply | undefined {
    return this.#wrongHost(request, asked) ?? this.#wrongOrigin(request, asked);
  }

  /** A name that somebody else lets point to us (DNS rebinding) would make his page ours. */
  #wrongHost({ headers }: Asker, asked: Asked): Reply | undefined {
    const address = this.#address;
    // No browser opens a socket, and what says no name is none.
    if (address.kind === 'unix' || headers.host === undefined) return undefined;
    // Others in the network may read these anyhow, and come by any name.
    if (asked === 'probe' && !isLoopback(address)) return undefined;
    const name = nameOf(headers.host.toLowerCase());
    if (isIP(name) !== 0 || this.#names.has(name)) return undefined;
    return failure('host-unknown');
  }

  #wrongOrigin({ headers }: Asker, asked: Asked): Reply | undefined {
    const site = headers['sec-fetch-site'];
    // Not every request of a browser names its origin. A link to the console may stand anywhere.
    const foreign = asked === 'api' && (site === 'cross-site' || site === 'same-site');
    if (!foreign && (headers.origin === undefined || this.#isOurs(headers.origin, headers.host))) return undefined;
    return failure('origin-foreign');
  }

  #isOurs(origin: string, host: string | undefined): boolean {
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) return false;
    return url.host === host?.toLowerCase() || this.#hosts.includes(url.host);
  }
}

/** Without the port, and without the brackets of an IPv6 address. */
function nameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host);
  return bracketed?.[1] ?? host.replace(/:\d*$/, '');
}
