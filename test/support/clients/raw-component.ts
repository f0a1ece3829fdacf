import { createHash } from 'node:crypto';
import { connect } from 'node:net';

/** Another component of the server (XEP-0114), which writes text and keeps the text that comes. */
export interface RawComponent {
  send(stanza: string): void;
  /** Settles once what came matches; rejects after 20 seconds with all of it. */
  came(pattern: RegExp): Promise<string>;
  /** Ends the connection, and settles when it is closed. */
  end(): Promise<void>;
}

/** Attaches as `domain`, and settles when the server has let it in. */
export async function connectComponent(port: number, domain: string, secret: string): Promise<RawComponent> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  const waiting = new Set<() => void>();
  let text = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    text += String(data);
    for (const look of waiting) look();
  });
  const came = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`${pattern} did not come to ${domain}: ${text}`));
      }, 20_000);
      const look = (): void => {
        if (!pattern.test(text)) return;
        clearTimeout(limit);
        waiting.delete(look);
        resolve(text);
      };
      waiting.add(look);
      look();
    });
  socket.write(
    `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
  );
  const id = /<stream:stream[^>]* id=["']([^"']+)/;
  const given = id.exec(await came(id))?.[1] ?? '';
  socket.write(`<handshake>${createHash('sha1').update(`${given}${secret}`).digest('hex')}</handshake>`);
  await came(/<handshake\s*\/>|<handshake><\/handshake>/);
  return {
    send: (stanza) => void socket.write(stanza),
    came,
    end: async () => {
      socket.end('</stream:stream>');
      await closed;
    },
  };
}
