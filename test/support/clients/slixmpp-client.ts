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
  | {
      readonly event: 'commands';
      readonly id: string;
      readonly error: string | null;
      readonly items: readonly (readonly [jid: string, node: string, name: string])[];
    }
  | ForeignStage
  | { readonly event: 'disconnected' };

/** A form as slixmpp read it. */
interface ForeignForm {
  readonly type: string;
  readonly title: string;
  readonly instructions: string;
  readonly fields: Readonly<
    Record<string, { readonly type: string; readonly required: boolean; readonly value: unknown }>
  >;
  /** Rows of a table, by the names of its columns. */
  readonly items: readonly Readonly<Record<string, string>>[];
}

/** A stage of an ad-hoc command as slixmpp's plugin read it. */
export interface ForeignStage {
  readonly event: 'stage';
  readonly id: string;
  /** The condition of an error, which is all that there is then. */
  readonly error: string | null;
  readonly status: string;
  readonly actions: readonly string[];
  readonly notes: readonly (readonly [type: string, text: string])[];
  readonly forms: readonly ForeignForm[];
}

/** An ad-hoc command that slixmpp's plugin takes through its stages. */
export interface ForeignCommand {
  /** The stage that came last. */
  readonly stage: ForeignStage;
  /** Goes on, with the form that came, filled in with `values`. */
  go(
    direction: 'next' | 'prev' | 'complete' | 'cancel',
    values?: Readonly<Record<string, unknown>>,
  ): Promise<ForeignStage>;
}

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
  /** The nodes of the ad-hoc commands (XEP-0050) that `to` lists for it. */
  commands(to: string): Promise<readonly string[]>;
  /** Begins one of them, and waits for the first stage. */
  execute(to: string, node: string): Promise<ForeignCommand>;
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
  let asked = 0;
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
      asked += 1;
      const id = String(asked);
      command({ do: 'ping', to, id });
      const pong = await events.take((event) => event.event === 'pong' && event.id === id, `a pong of ${to}`);
      return pong.event === 'pong' ? (pong.error ?? undefined) : undefined;
    },
    async commands(to) {
      asked += 1;
      const id = String(asked);
      command({ do: 'commands', to, id });
      const listed = await events.take((event) => event.event === 'commands' && event.id === id, `commands of ${to}`);
      if (listed.event !== 'commands' || listed.error !== null) throw new Error(`${to} lists none: ${listed.event}`);
      return listed.items.map(([, node]) => node);
    },
    async execute(to, node) {
      asked += 1;
      const id = String(asked);
      const stage = async (): Promise<ForeignStage> => {
        const event = await events.take((each) => each.event === 'stage' && each.id === id, `a stage of ${node}`);
        return event.event === 'stage' ? event : stage();
      };
      command({ do: 'execute', to, node, id });
      let last = await stage();
      return {
        get stage() {
          return last;
        },
        async go(direction, values) {
          command({ do: 'go', id, direction, ...(values && { values }) });
          last = await stage();
          return last;
        },
      };
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
