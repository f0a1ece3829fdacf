import { createServer, type Server, type Socket } from 'node:net';
import { Framer } from '../../src/xmpp/codec/framer.ts';

const limits = { stanza: 480 * 1024, depth: 64 };

/** The server's side of one component's stream (XEP-0114): it believes every handshake. */
export class Component {
  readonly #domain: string;
  readonly #take: (text: string, from: Component) => void;
  readonly #server: Server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  #socket: Socket | undefined;
  #tellAttached: () => void = () => undefined;
  /** Resolves once the component is there. */
  readonly attached = new Promise<void>((resolve) => {
    this.#tellAttached = resolve;
  });
  #lines: string[] = [];

  /** @param take Gets each stanza that the component writes. */
  constructor(domain: string, take: (text: string, from: Component) => void) {
    this.#domain = domain;
    this.#take = take;
  }

  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  }

  /** Writes a stanza to the component; all of one turn leave together. */
  write(text: string): void {
    if (this.#lines.length === 0) queueMicrotask(() => this.#flush());
    this.#lines.push(text);
  }

  #flush(): void {
    const text = this.#lines.join('');
    this.#lines = [];
    this.#socket?.write(text);
  }

  #accept(socket: Socket): void {
    let head = '';
    let framer: Framer | undefined;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      if (framer !== undefined) {
        framer.push(chunk);
        return;
      }
      const opened = head.includes('<stream:stream');
      head += chunk.toString('latin1');
      if (!opened && head.includes('<stream:stream')) {
        socket.write(
          `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' ` +
            `xmlns:stream='http://etherx.jabber.org/streams' from='${this.#domain}' id='1'>`,
        );
      }
      if (!head.includes('</handshake>')) return;
      this.#socket = socket;
      framer = new Framer(limits, {
        stanza: ({ text }) => this.#take(text, this),
        refused: () => undefined,
        streamEnd: () => socket.end(),
      });
      socket.write('<handshake/>');
      this.#tellAttached();
    });
  }
}
