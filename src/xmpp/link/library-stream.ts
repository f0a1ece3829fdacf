import type { Socket } from 'node:net';
import { type ComponentEntity, component, type XmlElement } from '@xmpp/component';
import type { LinkSettings } from './link-settings.ts';
import type { Target } from './route.ts';
import { secureSocket } from './secure-socket.ts';

export type { XmlElement };

/** What happens on a stream that the library opens. Nothing here may throw. */
export interface LibraryEvents {
  /** TCP is up; the stream header has been written. */
  connected(): void;
  /** The server's stream header. The handshake is written next, unless this destroys the socket. */
  header(header: XmlElement): void;
  /** A top-level element. */
  element(element: XmlElement): void;
  /** Bytes from the socket, untouched. */
  bytes(chunk: Buffer): void;
  /** What was given to `parse` is not XML. */
  malformed(text: string): void;
  /** `</stream:stream>` was parsed. */
  streamEnd(): void;
  /** The peer will send nothing more. */
  ended(): void;
  failed(error: Error): void;
  closed(): void;
}

/** One TCP connection with an XEP-0114 stream, opened by @xmpp/component. */
export interface LibraryStream {
  readonly socket: Socket;
  /** Gives text to the library's parser; ignored once `detachParser` was called. */
  parse(text: string): void;
  /** Takes the library's parser off the stream for good. */
  detachParser(): void;
}

/**
 * Opens a connection with @xmpp/component: it makes the socket, writes the stream header and
 * computes and sends the handshake. Everything in it that reads bytes, throws, times out or
 * reconnects by itself is replaced or switched off; `test/link` has a test of each.
 *
 * @throws when the library made no socket.
 */
export function openLibraryStream(settings: LinkSettings & Target, events: LibraryEvents): LibraryStream {
  const entity = component({ service: 'xmpp://component', domain: settings.domain, password: settings.secret });
  disarm(entity);
  connectTo(entity, settings);
  readWith(entity, events);
  entity.on('connect', () => {
    events.connected();
    entity.open({ domain: settings.domain }).catch(ignore);
  });
  const socket = settings.certificateFor === undefined ? connectPlain(entity, events) : connectSecure(entity, settings);
  socket.setNoDelay(true);
  // The library's own listeners go when the socket closes; these stay, so that a late error is never unhandled.
  socket.on('error', (error) => events.failed(error));
  socket.on('end', () => events.ended());
  socket.on('close', () => events.closed());
  return {
    socket,
    parse: (text) => entity.parser?.write(text),
    detachParser: () => entity._detachParser(),
  };
}

/** The library makes the socket and connects it. */
function connectPlain(entity: ComponentEntity, events: LibraryEvents): Socket {
  entity.connect('xmpp://component').catch((error: unknown) => events.failed(asError(error)));
  if (entity.socket === null) throw new Error('@xmpp/component made no socket');
  return entity.socket;
}

/** The library gets the socket once TLS has shown who answers: before, it says nothing and hears nothing. */
function connectSecure(entity: ComponentEntity, settings: LinkSettings & Target): Socket {
  const socket = secureSocket(settings, settings.certificateFor ?? []);
  socket.once('secureConnect', () => {
    entity._attachSocket(socket);
    // What the library waits for; of TCP alone it was not told.
    socket.emit('connect');
  });
  return socket;
}

/** No reconnect and no time-outs of its own; its errors are told by the socket's events already. */
function disarm(entity: ComponentEntity): void {
  entity.reconnect.stop();
  entity.timeout = 0;
  entity.on('error', ignore);
}

function connectTo(entity: ComponentEntity, settings: LinkSettings & Target): void {
  const { host, port } = settings;
  entity.socketParameters = () => ({ host, port });
  const headerElement = entity.headerElement.bind(entity);
  entity.headerElement = () => {
    const header = headerElement();
    // XEP-0114 has no version, and jabberd2 answers one with stream features.
    delete header.attrs['version'];
    return header;
  };
}

/**
 * The library's `element` event is never emitted: its middleware makes JID objects of every
 * element, which throws for an invalid one, its waiting for the handshake takes the next
 * element of any name, and a stream error makes it connect elsewhere.
 */
function readWith(entity: ComponentEntity, events: LibraryEvents): void {
  entity.prependListener('open', (header: XmlElement) => events.header(header));
  entity.on('close', () => events.streamEnd());
  entity._onData = (chunk) => events.bytes(chunk);
  entity._onParserError = (error) => events.malformed(error.message);
  entity._onElement = (element) => events.element(element);
  const authenticate = entity.authenticate.bind(entity);
  entity.authenticate = (id, secret) => authenticate(latin1OfUtf8(id), latin1OfUtf8(secret));
}

/** The library hashes the low byte of each UTF-16 unit: with this text those bytes are the UTF-8 ones. */
function latin1OfUtf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function ignore(): void {
  // See disarm.
}
