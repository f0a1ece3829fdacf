import type { ServiceSettings } from '../core/settings.ts';
import type { Destination } from '../core/transfer/destination.ts';
import type { DatabaseUrl } from './database-url.ts';
import type { ListenAddress, ServiceAddress } from './service.ts';

/** What the operator decided: validated, frozen, times in milliseconds, sizes in bytes, paths absolute. */
export interface Config {
  readonly component: ComponentConfig;
  readonly store: StoreConfig;
  readonly standby: StandbyConfig;
  readonly http: HttpConfig;
  readonly log: LogConfig;
  readonly limits: LimitsConfig;
  /** How long the router finishes what it has before it ends. */
  readonly drainTimeout: number;
  readonly service: ServiceSettings;
}

/** The link to the XMPP server. */
export interface ComponentConfig {
  readonly service: ServiceAddress;
  /** Prepared (RFC 7622). */
  readonly domain: string;
  /** From `secret` or from the file that `secretFile` names. */
  readonly secret: string;
  /** Where that is written, for people. */
  readonly secretFrom: string;
  /** Where the server may send the component. */
  readonly follow: readonly Destination[];
  readonly reconnect: { readonly min: number; readonly max: number };
  readonly handshakeTimeout: number;
  /** Silence after which the link is tested. */
  readonly keepalive: number;
  readonly pingTimeout: number;
}

/** Where the durable state lives: in one process, or in a database that several instances may share. */
export type StoreConfig = OwnStoreConfig | PostgresConfig;

/** A store that is one process's own. */
export type OwnStoreConfig =
  | { readonly driver: 'sqlite' /** Absolute path. */; readonly file: string }
  | { readonly driver: 'memory' };

/** A database that several instances share. */
export interface PostgresConfig extends DatabaseUrl {
  readonly driver: 'postgres';
  /** From `password` or from the file that `passwordFile` names. */
  readonly password: string | undefined;
  readonly schema: string;
  /** Absolute path of a file of certificates in PEM; `undefined` for those of Node.js. */
  readonly authorities: string | undefined;
  readonly allowUnsafe: boolean;
}

/** Who of several instances is active; milliseconds. */
export interface StandbyConfig {
  /** What operators call this instance. */
  readonly name: string;
  readonly lease: number;
  readonly holdover: number;
}

export interface HttpConfig {
  /** `undefined` for no listener. */
  readonly listen: ListenAddress | undefined;
  /** What must be known to change anything over TCP; `undefined` when nobody may. */
  readonly token: string | undefined;
  /** Who may read over TCP what says nothing of what messages hold. */
  readonly read: 'anyone' | 'token';
  /** Names by which browsers may ask, in lower case. */
  readonly hosts: readonly string[];
}

export interface LogConfig {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly format: 'auto' | 'json' | 'pretty';
}

export interface LimitsConfig {
  /** Bytes of the largest stanza, in and out. */
  readonly stanza: number;
  /** Deepest nesting of elements. */
  readonly depth: number;
  /** Bytes that may wait to be written to the server. */
  readonly outBuffer: number;
  /** Bytes held for later. */
  readonly memory: number;
}
