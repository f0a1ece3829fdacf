import { isIP } from 'node:net';
import { type Client, client, type Element as LibraryElement, type Transport } from '@xmpp/client';
import type { Element } from './element.ts';
import { ns } from './namespaces.ts';
import { NotConnected } from './not-connected.ts';
import type { Dial, Login, Stream, StreamEvents } from './stream.ts';

/** Milliseconds for the whole login, and for a polite end. */
const loginLimit = 30_000;
const closeLimit = 3_000;
/** Milliseconds for one step; the library's 2 seconds are too few for a busy server. */
const stepLimit = 10_000;

/**
 * Logs in with @xmpp/client 0.14. The one file that knows it, and what is wrong with it:
 *
 * - Its reconnecting waits a fixed second, and stops for ever when a server accepts the connection
 *   and says nothing. So every login gets an entity of its own, and who reconnects is `Connection`.
 * - It follows `see-other-host` to anywhere. Here it only reports it.
 * - With TLS from the first byte it checks the certificate against the host it connects to, not
 *   against the domain of the account (RFC 6120 section 13.7.2).
 * - It goes on without TLS when a server (or someone between) does not offer it.
 * - It asks for sessions that can be resumed, which keep a dead worker alive for minutes.
 * - With PLAIN it writes the password as Latin-1, and fails at what is not.
 * - It breaks characters that arrive split over two reads.
 * - A stanza with an address that it cannot read, and anything after the end of the stream, throws
 *   out of the socket's event, which ends the process.
 */
export const dialXmpp: Dial = async (login, events) => {
  const entity = makeEntity(login);
  let failure = 'the server closed the stream';
  let online = false;
  const stream = new XmppStream(entity, () => {
    if (online) events.closed(failure);
    online = false;
  });
  guardElements(entity, events);
  entity._onSeeOtherHost = ({ element }) => {
    events.seeOtherHost(element.getChildText('see-other-host')?.trim() ?? '');
  };
  entity.middleware.use(({ stanza, element }, next) =>
    stanza.name === 'iq' && element !== undefined ? events.request(stanza) : next(),
  );
  entity.on('stanza', (stanza: LibraryElement) => events.stanza(stanza));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      stream.kill();
      reject(new Error(`the login was not over after ${loginLimit / 1000} s`));
    }, loginLimit);
    entity.on('error', (error: Error) => {
      failure = error.message;
      if (online) events.problem(error);
    });
    entity.on('disconnect', () => {
      clearTimeout(timer);
      stream.ended();
      reject(new Error(failure));
    });
    entity.start().then(
      () => {
        online = true;
        clearTimeout(timer);
        resolve();
      },
      (error: unknown) => {
        clearTimeout(timer);
        stream.kill();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
  failure = 'the connection ended';
  stream.readText();
  return stream;
};

function makeEntity(login: Login): Client {
  const { username, domain, resource, password, service, requireTls, mechanism } = login;
  const entity = client({
    service: service ?? domain,
    domain,
    ...(resource === undefined ? {} : { resource }),
    async credentials(authenticate, mechanisms, _fast, current) {
      const secure = current.isSecure();
      if (requireTls && !secure) throw new Error(`${service ?? domain} offers no TLS, so it does not get the password`);
      const chosen = mechanism ?? mechanisms.find((name) => secure || name !== 'PLAIN');
      if (chosen === undefined) throw new Error(`no way to log in: the server offers ${mechanisms.join(', ')}`);
      const written = chosen === 'PLAIN' ? bytesOf : (text: string) => text;
      await authenticate({ username: written(username), password: written(password) }, chosen);
    },
  });
  entity.reconnect.stop();
  entity.timeout = stepLimit;
  entity.transports = entity.transports.map((transport) => verifiedAgainst(domain, transport));
  const send = entity.send.bind(entity);
  entity.send = (element: LibraryElement) => {
    withoutResumption(element);
    return send(element);
  };
  return entity;
}

/** UTF-8, as the characters that the library writes as bytes. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The same transport, which checks certificates against the domain and can reach IPv6 addresses. */
function verifiedAgainst(domain: string, { prototype }: Transport): Transport {
  const own = {
    socketParameters(service: string): ReturnType<typeof prototype.socketParameters> {
      const found = prototype.socketParameters(service);
      if (typeof found !== 'object') return found;
      const host = found.host?.replace(/^\[(.*)\]$/, '$1');
      const servername = isIP(domain) === 0 && service.startsWith('xmpps:') ? { servername: domain } : {};
      return { ...found, ...(host === undefined ? {} : { host }), ...servername };
    },
  };
  Object.setPrototypeOf(own, prototype);
  return { prototype: own };
}

/** XEP-0198 without resumption: what a dead session did not acknowledge comes back at once. */
function withoutResumption(element: LibraryElement): void {
  if (element.is('enable', ns.streamManagement)) delete element.attrs['resume'];
  else if (element.name === 'authenticate' || element.name === 'bind') {
    for (const child of element.getChildElements()) withoutResumption(child);
  }
}

function guardElements(entity: Client, events: StreamEvents): void {
  const read = entity._onData.bind(entity);
  entity._onData = (data) => {
    // After the end of the stream there is no parser any more.
    if (entity.parser !== null) read(data);
  };
  const take = entity._onElement.bind(entity);
  entity._onElement = (element) => {
    try {
      take(element);
    } catch (error) {
      events.problem(error instanceof Error ? error : new Error(String(error)));
    }
  };
}

class XmppStream implements Stream {
  readonly #entity: Client;
  /** To be called when there is nothing more to come; it may be called again. */
  readonly ended: () => void;

  constructor(entity: Client, ended: () => void) {
    this.#entity = entity;
    this.ended = ended;
  }

  get jid(): string {
    return this.#entity.jid?.toString() ?? '';
  }

  get secure(): boolean {
    return this.#entity.isSecure();
  }

  /** From now on a character that is split over two reads arrives whole. */
  readText(): void {
    this.#sockets().at(-1)?.setEncoding?.('utf8');
  }

  async write(stanza: Element): Promise<void> {
    if (this.#entity.socket === null) throw new NotConnected('there is no session now');
    await this.#entity.send(stanza);
  }

  async close(): Promise<void> {
    const timer = setTimeout(() => this.kill(), closeLimit);
    // It fails when the connection is gone already.
    await this.#entity.stop().catch(() => undefined);
    clearTimeout(timer);
    this.kill();
    this.ended();
  }

  kill(): void {
    for (const socket of this.#sockets()) (socket.destroy ?? socket.close)?.call(socket);
  }

  /** The library's socket, and the one that it wraps for TLS or WebSocket. */
  #sockets(): Wrapped[] {
    const socket: Wrapped | null = this.#entity.socket;
    if (socket === null) return [];
    return socket.socket === undefined || socket.socket === null ? [socket] : [socket, socket.socket];
  }
}

interface Wrapped {
  readonly socket?: Wrapped | null;
  readonly setEncoding?: (encoding: 'utf8') => unknown;
  readonly destroy?: () => unknown;
  readonly close?: () => unknown;
}
