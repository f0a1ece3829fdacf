import type { Federation } from './s2s.ts';

/** A throwaway server on loopback with the accounts and components of one suite. */
export interface XmppServer {
  readonly name: 'prosody' | 'ejabberd' | 'jabberd2';
  /** Where the accounts are. */
  readonly domain: string;
  readonly c2sPort: number;
  readonly componentPort: number;
  /** By domain, where components have ports of their own. */
  readonly componentPorts?: Readonly<Record<string, number>>;
  /** The server's own log. */
  readonly logFile: string;
  readonly folder: string;
  /** Undefined while it is not running. */
  readonly pid: number | undefined;
  register(user: string, password: string): Promise<void>;
  /** After `stop` or `kill9`: on the same ports, with the same accounts. */
  start(): Promise<void>;
  /** An orderly end; data stays until `remove`. */
  stop(): Promise<void>;
  restart(): Promise<void>;
  /** SIGKILL, as a crash would. */
  kill9(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

export interface ServerOptions {
  /** Where the accounts are; default `localhost`. Not of jabberd2. */
  readonly domain?: string;
  /** Connections to other servers; none when absent. Not of jabberd2. */
  readonly federation?: Federation;
  /** Password by user name. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Secret by domain of the component. */
  readonly components?: Readonly<Record<string, string>>;
  /** Each component has a port of its own: where several share one of ejabberd's, each gets what is for any. Of ejabberd alone. */
  readonly componentsApart?: boolean;
  /** Whether messages to accounts without a session are stored; default false. */
  readonly offline?: boolean;
  /** Whether sessions may have copies of what others of their account get (XEP-0280); default false. Not of jabberd2. */
  readonly carbons?: boolean;
  /** Whether the server has ad-hoc commands of its own (XEP-0050): some clients give none where it has not; default false. Not of jabberd2. */
  readonly adhoc?: boolean;
  /** Whether a component may send only from its own domain; default true. */
  readonly validateFrom?: boolean;
  /** A PubSub service of the server's own, and the account that may make nodes there; none when absent. */
  readonly pubsub?: { readonly domain: string; readonly owner: string };
  /** Several components may hold one domain, and share what is sent to it (`domain_balancing`). Of ejabberd alone. */
  readonly balancing?: {
    readonly domain: string;
    readonly type: 'random' | 'bare_source';
    readonly components: number;
  };
  /** Whether a second component of a domain takes the place of the first, instead of being refused; default false. Of Prosody alone. */
  readonly kickOld?: boolean;
  /** Most bytes of a stanza from a client, and from a component; the server's default when absent. */
  readonly clientStanzaLimit?: number;
  readonly componentStanzaLimit?: number;
}
