import { once } from 'node:events';
import { client, type Element } from '@xmpp/client';
import { makeMailbox } from './mailbox.ts';

export interface ClientLogin {
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
  readonly domain?: string;
  readonly user: string;
  readonly password: string;
  readonly resource: string;
  /** Answers no request, not even a ping; default false. */
  readonly silent?: boolean;
}

/** A client on @xmpp/client, for tests: no reconnects, stanzas kept until asked for. */
export interface TestClient {
  /** Full JID. */
  readonly jid: string;
  /** XML text or an element of `xml()` from @xmpp/client; settles when it is written. */
  send(stanza: string | Element): Promise<void>;
  /** The first stanza that matches, of those that came or will come; it is taken out of `received`. */
  waitFor(matches: (stanza: Element) => boolean, what?: string, limit?: number): Promise<Element>;
  /** Sends a request and takes its answer, result or error. The stanza needs an `id`. */
  request(stanza: Element): Promise<Element>;
  /** What came and was not taken, oldest first. */
  readonly received: readonly Element[];
  /** Destroys the socket without closing the stream, as a crash would. */
  kill(): void;
  /** Closes the stream and the socket. */
  end(): Promise<void>;
}

/** Logs in to a plain server on loopback. */
export async function connectClient(login: ClientLogin): Promise<TestClient> {
  for (let left = 20; ; left -= 1) {
    try {
      return await logIn(login);
    } catch (error) {
      if (left === 0 || !meantForAnother(error)) throw error;
    }
  }
}

/**
 * A fault of jabberd2: it names a session by the number of its socket. Who gets the number of one
 * that has just ended, before the session manager has said so, is taken for it; jabberd2 then sends
 * itself an `end` without an addressee, and what bounces closes the stream of the new one before it
 * has logged in. No other server says this text, and jabberd2 says it of nothing else.
 */
function meantForAnother(error: unknown): boolean {
  return error instanceof Error && error.message === 'internal-server-error - internal server error';
}

/**
 * Without TLS the library would never choose PLAIN by itself, and its SCRAM, in JavaScript, takes
 * most of a second.
 */
async function logIn(login: ClientLogin): Promise<TestClient> {
  const { host = '127.0.0.1', port, domain = 'localhost', user, password, resource } = login;
  const entity = client({
    service: `xmpp://${host}:${port}`,
    domain,
    resource,
    credentials: (authenticate) => authenticate({ username: user, password }, 'PLAIN'),
  });
  const mailbox = makeMailbox<Element>(`${user}/${resource}`, String);
  entity.reconnect.stop();
  // Errors of the stream show as a wait that fails; without a listener they would end the tests.
  entity.on('error', (error: Error) => {
    mailbox.close(error.message);
  });
  entity.on('connect', () => {
    // Else the library breaks characters that arrive split over two reads.
    entity.socket?.setEncoding('utf8');
  });
  entity.on('disconnect', () => {
    mailbox.close('disconnected');
  });
  entity.on('stanza', (stanza: Element) => {
    mailbox.add(stanza);
  });
  // Many logins at once, or a busy machine, take longer than the library would wait for a stream to open.
  const { timeout } = entity;
  entity.timeout = 30_000;
  const address = await entity.start();
  entity.timeout = timeout;
  if (login.silent === true) {
    entity.removeAllListeners('element');
  }
  // What the login itself asked and got is of no interest.
  mailbox.clear();
  return {
    jid: address.toString(),
    received: mailbox.waiting,
    send: (stanza) => entity.write(stanza.toString()),
    waitFor: (matches, what = 'a stanza', limit) => mailbox.take(matches, what, limit),
    async request(stanza) {
      const { id } = stanza.attrs;
      await entity.write(stanza.toString());
      return await mailbox.take(
        ({ name, attrs }) => name === 'iq' && attrs['id'] === id && /^(result|error)$/.test(attrs['type'] ?? ''),
        `the answer to ${id}`,
      );
    },
    kill() {
      entity.socket?.destroy();
    },
    async end() {
      if (entity.socket === null) {
        return;
      }
      const closed = once(entity, 'disconnect');
      await entity.stop();
      await closed;
    },
  };
}
