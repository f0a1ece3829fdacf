import { connect, type Socket } from 'node:net';
import { type Frame, frameAt } from '../mock/frame.ts';

/** An XMPP client that does no more than a load needs: it logs in over a plain stream, writes text, and cuts what it reads. */
export class LoadClient {
  /** Takes every element that comes, in order. */
  take: (frame: Frame) => void = () => undefined;
  /** Told after the last element of each read. */
  readEnded: () => void = () => undefined;
  readonly jid: string;
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #waiting: { readonly matches: (frame: Frame) => boolean; readonly resolve: (frame: Frame) => void } | undefined;

  private constructor(jid: string, socket: Socket) {
    this.jid = jid;
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => socket.destroy());
  }

  /** Logs in to a server on loopback. */
  static async login(port: number, domain: string, user: string, password: string): Promise<LoadClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const client = new LoadClient(`${user}@${domain}/r`, socket);
    const open =
      `<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' xmlns='jabber:client' ` +
      `xmlns:stream='http://etherx.jabber.org/streams'>`;
    const proof = Buffer.from(`\0${user}\0${password}`).toString('base64');
    await client.ask(open, ({ name }) => name === 'stream:features');
    const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${proof}</auth>`;
    const answer = await client.ask(auth, ({ name }) => name === 'success' || name === 'failure');
    if (answer.name !== 'success') throw new Error(`${client.jid} could not log in: ${answer.text}`);
    await client.ask(open, ({ name }) => name === 'stream:features');
    const bind = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind>`;
    await client.ask(`<iq type='set' id='bind'>${bind}</iq>`, ({ name }) => name === 'iq');
    return client;
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** Writes, and gives the first element that fits. */
  ask(text: string, matches: (frame: Frame) => boolean): Promise<Frame> {
    return new Promise((resolve) => {
      this.#waiting = { matches, resolve };
      this.send(text);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (let frame = frameAt(bytes, at); frame !== undefined; frame = frameAt(bytes, at)) {
      at = frame.end;
      const waiting = this.#waiting;
      if (waiting?.matches(frame) === true) {
        this.#waiting = undefined;
        waiting.resolve(frame);
      } else {
        this.take(frame);
      }
    }
    this.#rest = bytes.subarray(at);
    this.readEnded();
  }
}
