import { createHash } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { deferred } from './deferred.ts';
import type { Frame } from './frame.ts';
import { attribute } from './frame.ts';
import type { Service } from './protocol.ts';

const streamId = '3BF96D32';

/**
 * The server's side of one XEP-0114 stream, apart from the load: handshake, and delivery of
 * what the component sends to itself or to workers. The workers answer pings (XEP-0199).
 */
export class MockServer {
  readonly #service: Service;
  readonly #attached = deferred<Socket>();
  readonly #answered = new Set<string>();
  readonly #joined = deferred<void>();
  readonly #onRead: (chunk: Buffer) => void;
  readonly #server: Server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  #socket: Socket | undefined;

  constructor(service: Service, onRead: (chunk: Buffer) => void) {
    this.#service = service;
    this.#onRead = onRead;
  }

  /** Resolves once a component has authenticated. */
  get attached(): Promise<Socket> {
    return this.#attached.promise;
  }

  /** Listens on a free port of the loopback and gives its number. */
  listen(): Promise<number> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  }

  /** Stops to listen, and ends the stream. */
  close(): void {
    this.#server.close();
    this.#socket?.destroy();
  }

  /** Sends each worker's presence to its pool; resolves when the pools have answered them all. */
  async join(): Promise<void> {
    const socket = await this.attached;
    const { workers, pool, bystanders = [] } = this.#service;
    for (const worker of workers) socket.write(`<presence from='${worker}' to='${pool}'/>`);
    for (const other of bystanders) socket.write(`<presence from='${other.worker}' to='${other.pool}'/>`);
    await this.#joined.promise;
  }

  /** Takes one element that is no message. */
  deliver(frame: Frame): void {
    if (frame.name === 'handshake') this.#authenticate(frame.text);
    else if (frame.name === 'stream:stream') this.#open();
    else if (frame.name === '/stream:stream') this.#socket?.end('</stream:stream>');
    else if (frame.name === 'iq' || frame.name === 'presence') this.#route(frame);
  }

  #accept(socket: Socket): void {
    if (this.#socket !== undefined) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    socket.on('data', this.#onRead);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#attached.reject(new Error('the component closed its stream')));
  }

  #open(): void {
    const { domain } = this.#service;
    this.#socket?.write(
      `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' ` +
        `xmlns:stream='http://etherx.jabber.org/streams' from='${domain}' id='${streamId}'>`,
    );
  }

  #authenticate(text: string): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    const proof = createHash('sha1')
      .update(streamId + this.#service.secret)
      .digest('hex');
    if (!text.includes(`>${proof}<`)) {
      socket.end(`<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`);
      return;
    }
    socket.write('<handshake/>');
    this.#attached.resolve(socket);
  }

  #route(frame: Frame): void {
    const to = attribute(frame.text, 'to') ?? '';
    const from = attribute(frame.text, 'from') ?? '';
    const own = this.#service.domain;
    if (to === own || to.endsWith(`@${own}`) || to.includes(`@${own}/`)) {
      this.#socket?.write(frame.text);
    } else if (frame.name === 'iq' && attribute(frame.text, 'type') === 'get') {
      const id = attribute(frame.text, 'id') ?? '';
      this.#socket?.write(`<iq type='result' from='${to}' to='${from}' id='${id}'/>`);
    } else if (frame.name === 'presence' && attribute(frame.text, 'type') === undefined) {
      this.#answered.add(to);
      const { workers, bystanders = [] } = this.#service;
      if (this.#answered.size === workers.length + bystanders.length) this.#joined.resolve();
    }
  }
}
