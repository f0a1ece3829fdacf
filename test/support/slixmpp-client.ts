import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { makeMailbox } from './mailbox.ts';

const python = '/usr/bin/python3';
const script = fileURLToPath(new URL('slixmpp_peer.py', import.meta.url));

/** A stanza as slixmpp read it. `xml` is slixmpp's own writing of it. */
export interface ForeignStanza {
  readonly event: 'stanza';
  readonly name: 'message' | 'presence' | 'iq';
  readonly from: string | null;
  readonly to: string | null;
  readonly type: string | null;
  readonly id: string | null;
  readonly body: string | null;
  readonly xml: string;
}

type ForeignEvent =
  | ForeignStanza
  | { readonly event: 'online'; readonly jid: string }
  | { readonly event: 'failed'; readonly why: string }
  | { readonly event: 'pong'; readonly id: string; readonly error: string | null }
  | { readonly event: 'disconnected' };

export interface ForeignLogin {
  readonly port: number;
  readonly domain?: string;
  readonly user: string;
  readonly password: string;
  readonly resource: string;
  /** Answers XEP-0184 requests; default false. */
  readonly receipts?: boolean;
  /** Announces what it can do (XEP-0115); default false. */
  readonly caps?: boolean;
  /** Answers each message that has a body, to where it came from, with this text and the body. */
  readonly reply?: string;
}

export interface ForeignPresence {
  readonly to?: string;
  readonly type?: 'unavailable' | 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed' | 'probe';
  readonly show?: 'chat' | 'away' | 'xa' | 'dnd';
  readonly priority?: number;
  readonly status?: string;
  /** Further children, as XML text. */
  readonly extra?: string;
}

export interface ForeignMessage {
  readonly to: string;
  readonly type?: 'normal' | 'chat' | 'headline' | 'groupchat' | 'error';
  readonly id?: string;
  readonly body?: string;
  readonly extra?: string;
}

/** A client that shares no code with ours: slixmpp, in a process of its own. */
export interface ForeignClient {
  /** Full JID. */
  readonly jid: string;
  presence(presence?: ForeignPresence): void;
  message(message: ForeignMessage): void;
  raw(xml: string): void;
  /** XEP-0199; settles with the condition of the error (or `timeout`), or `undefined` for a result. */
  ping(to: string): Promise<string | undefined>;
  waitFor(matches: (stanza: ForeignStanza) => boolean, what?: string, limit?: number): Promise<ForeignStanza>;
  readonly received: readonly ForeignStanza[];
  /** SIGKILL: the socket closes without a word. */
  kill(): Promise<void>;
  /** Closes the stream and ends the process. */
  end(): Promise<void>;
}

/** Why slixmpp cannot be used here, or `undefined`. */
export function slixmppMissing(): string | undefined {
  try {
    execFileSync(python, ['-c', 'import importlib.util as u, sys; sys.exit(u.find_spec("slixmpp") is None)']);
    return undefined;
  } catch {
    return 'python3-slixmpp is not installed';
  }
}

/** It ends by itself when our end of its standard input closes, so also when the tests crash. */
function startProcess(): ChildProcess & { readonly stdin: NonNullable<ChildProcess['stdin']> } {
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'pipe'] });
  // Its warnings are noise while it works; of a crash they are all there is.
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  child.once('exit', (code) => {
    if (code !== null && code !== 0) {
      process.stderr.write(complaints);
    }
  });
  // A command to a client that is gone is lost, as it would be on the wire.
  child.stdin.on('error', () => undefined);
  return child;
}

/** Starts slixmpp and logs in to a plain server on loopback. */
export async function connectForeign(login: ForeignLogin): Promise<ForeignClient> {
  const { port, domain = 'localhost', user, password, resource, receipts = false, caps = false, reply } = login;
  const child = startProcess();
  const name = `slixmpp ${user}/${resource}`;
  const stanzas = makeMailbox<ForeignStanza>(name, ({ xml }) => xml);
  const events = makeMailbox<Exclude<ForeignEvent, ForeignStanza>>(name, JSON.stringify);
  const command = (what: Readonly<Record<string, unknown>>): void => {
    child.stdin.write(`${JSON.stringify(what)}\n`);
  };
  const ended = once(child, 'exit');
  child.once('exit', () => {
    stanzas.close('its process has ended');
    events.close('its process has ended');
  });
  if (child.stdout !== null) {
    createInterface(child.stdout).on('line', (line) => {
      const event = JSON.parse(line) as ForeignEvent;
      if (event.event === 'stanza') {
        stanzas.add(event);
      } else {
        events.add(event);
      }
    });
  }
  command({
    do: 'login',
    host: '127.0.0.1',
    port,
    jid: `${user}@${domain}/${resource}`,
    password,
    receipts,
    caps,
    reply,
  });
  const first = await events.take(({ event }) => event === 'online' || event === 'failed', 'the login');
  if (first.event !== 'online') {
    child.kill('SIGKILL');
    throw new Error(`${name} could not log in: ${first.event === 'failed' ? first.why : first.event}`);
  }
  stanzas.clear();
  let pings = 0;
  return {
    jid: first.jid,
    received: stanzas.waiting,
    presence: (presence = {}) => {
      command({ do: 'presence', ...presence });
    },
    message: (message) => {
      command({ do: 'message', ...message });
    },
    raw: (xml) => {
      command({ do: 'raw', xml });
    },
    async ping(to) {
      pings += 1;
      const id = String(pings);
      command({ do: 'ping', to, id });
      const pong = await events.take((event) => event.event === 'pong' && event.id === id, `a pong of ${to}`);
      return pong.event === 'pong' ? (pong.error ?? undefined) : undefined;
    },
    waitFor: (matches, what = 'a stanza', limit) => stanzas.take(matches, what, limit),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async end() {
      command({ do: 'end' });
      await ended;
    },
  };
}
