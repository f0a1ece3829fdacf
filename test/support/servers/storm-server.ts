import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { attribute, type Frame, frameAt } from '../../../bench/mock/frame.ts';

const streamId = '3BF96D32';
const shortestLine = 4096;

/** A stanza of the component, as far as a count needs it. */
export interface StormStanza {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly type: string | undefined;
  readonly id: string | undefined;
}

/**
 * The server of one component, for very many clients that are no more than their addresses: it
 * answers every ping, to the component's own domain and to clients, and gives the rest to `take`.
 */
export class StormServer {
  take: (stanza: StormStanza) => void = () => undefined;
  readonly #server: Server;
  readonly #domain: string;
  readonly #secret: string;
  #socket: Socket | undefined;

  private constructor(server: Server, domain: string, secret: string) {
    this.#server = server;
    this.#domain = domain;
    this.#secret = secret;
    server.on('connection', (socket) => this.#connected(socket));
  }

  static async start(domain: string, secret: string): Promise<StormServer> {
    const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new StormServer(server, domain, secret);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sends all stanzas as one piece of text. */
  send(stanzas: readonly string[]): void {
    this.#socket?.write(stanzas.join(''));
  }

  stop(): void {
    this.#socket?.destroy();
    this.#server.close();
  }

  #connected(socket: Socket): void {
    this.#socket?.destroy();
    this.#socket = socket;
    let rest: Buffer = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      const answers: string[] = [];
      for (let frame = frameAt(bytes, at); frame !== undefined; frame = frameAt(bytes, at)) {
        at = frame.end;
        const answer = this.#answer(frame);
        if (answer !== undefined) answers.push(answer);
      }
      rest = bytes.subarray(at);
      if (answers.length > 0) socket.write(answers.join(''));
    });
  }

  #answer({ name, text }: Frame): string | undefined {
    if (name === 'stream:stream') {
      return (
        `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' id='${streamId}' ` +
        `xmlns:stream='http://etherx.jabber.org/streams' from='${this.#domain}'>`
      );
    }
    if (name === 'handshake') {
      const proof = createHash('sha1').update(`${streamId}${this.#secret}`).digest('hex');
      return text.includes(proof) ? '<handshake/>' : undefined;
    }
    if (name !== 'message' && name !== 'presence' && name !== 'iq') return undefined;
    const head = text.slice(0, shortestLine);
    const [from = '', to = ''] = [attribute(head, 'from'), attribute(head, 'to')];
    const [type, id] = [attribute(head, 'type'), attribute(head, 'id')];
    if (name === 'iq' && to === this.#domain) return text;
    if (name === 'iq' && type === 'get') return `<iq type='result' from='${to}' to='${from}' id='${id}'/>`;
    this.take({ name, from, to, type, id });
    return undefined;
  }
}
