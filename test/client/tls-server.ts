import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Certificate } from '../support/servers/s2s.ts';

/** What a server of these tests saw, in order. */
export interface Seen {
  readonly logins: number;
  /** Passwords that arrived, by PLAIN. */
  readonly passwords: readonly string[];
}

export interface TlsServer {
  readonly port: number;
  readonly seen: Seen;
  /** Writes to every session. */
  write(text: string): void;
  stop(): void;
}

const streams = 'http://etherx.jabber.org/streams';
const header = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='${streams}' id='1' from='example.org' version='1.0'>`;
const feature = {
  starttls: `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`,
  plain: `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>`,
  bind: `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>`,
};

/**
 * A server for one account, as much of it as a login needs, with a certificate of any name.
 * `starttls`: the usual way; `direct`: TLS at once; `none`: no TLS at all.
 */
export async function startTlsServer(
  mode: 'starttls' | 'direct' | 'none',
  certificate: Certificate,
): Promise<TlsServer> {
  const seen = { logins: 0, passwords: [] as string[] };
  const sessions = new Set<Socket>();
  const secure = (socket: Socket): TLSSocket => {
    const [key, cert] = [readFileSync(certificate.key), readFileSync(certificate.certificate)];
    return new TLSSocket(socket, { isServer: true, key, cert });
  };

  function serve(socket: Socket, encrypted: boolean): void {
    let buffer = '';
    let authenticated = false;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sessions.delete(socket));
    const take = (pattern: RegExp): RegExpExecArray | undefined => {
      const found = pattern.exec(buffer) ?? undefined;
      if (found !== undefined) buffer = buffer.slice(found.index + found[0].length);
      return found;
    };
    const listen = (data: Buffer): void => {
      buffer += data.toString();
      if (take(/<stream:stream[^>]*>/)) {
        const offered = authenticated ? feature.bind : encrypted || mode === 'none' ? feature.plain : feature.starttls;
        socket.write(`${header}<stream:features>${offered}</stream:features>`);
      }
      if (take(/<starttls[^>]*>/)) {
        socket.off('data', listen);
        socket.write(`<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`);
        serve(secure(socket), true);
        return;
      }
      const auth = take(/<auth[^>]*>([^<]*)<\/auth>/);
      if (auth !== undefined) {
        seen.passwords.push(
          Buffer.from(auth[1] ?? '', 'base64')
            .toString()
            .split('\0')[2] ?? '',
        );
        authenticated = true;
        socket.write(`<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`);
      }
      const bind = take(/<iq[^>]*id="([^"]*)"[^>]*><bind.*?<\/iq>/);
      if (bind !== undefined) {
        seen.logins += 1;
        sessions.add(socket);
        const jid = `<jid>w@example.org/n1</jid>`;
        socket.write(
          `<iq type='result' id='${bind[1]}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>${jid}</bind></iq>`,
        );
      }
      if (take(/<\/stream:stream>/)) socket.end('</stream:stream>');
    };
    socket.on('data', listen);
  }

  const server: Server = createServer((socket) => {
    serve(mode === 'direct' ? secure(socket) : socket, mode === 'direct');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    seen,
    write(text) {
      for (const session of sessions) session.write(text);
    },
    stop() {
      server.close();
      for (const session of sessions) session.destroy();
    },
  };
}
