import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { AlgorithmName, PoolSettings } from '../core/settings.ts';
import type { TransferSettings } from '../core/transfer/settings.ts';
import { preparedOr, readPattern, readPoolName } from './addresses.ts';
import type { Config, HttpConfig, StoreConfig } from './config.ts';
import { deepFreeze } from './freeze.ts';
import { movedTo, requestSettings } from './request-settings.ts';
import type { ReadConfig } from './schema/schema.ts';
import { serversOf } from './schema/transfers.ts';
import type { FoundSecret } from './secret.ts';
import { isLoopback } from './service.ts';

/** What the schema does not hold. */
export interface Surroundings {
  /** Folder that relative paths start from. */
  readonly folder: string;
  readonly secret: FoundSecret;
  readonly version: string;
  /** For commands over HTTP. */
  readonly token: string | undefined;
  /** Of the database. */
  readonly password: string | undefined;
}

/** Paths start from the folder of the file. */
function listenFrom(listen: HttpConfig['listen'], folder: string): HttpConfig['listen'] {
  return listen !== undefined && 'path' in listen ? { path: resolve(folder, listen.path) } : listen;
}

/** Who may read, where the configuration leaves that to where the listener is. */
function readersOf({ read, listen }: ReadConfig['http']): HttpConfig['read'] {
  if (read !== 'auto') return read;
  return listen === undefined || 'path' in listen || isLoopback(listen) ? 'anyone' : 'token';
}

function storeFrom(store: ReadConfig['store'], folder: string, password: string | undefined): StoreConfig {
  const { driver, file, url, schema, allowUnsafe } = store;
  if (driver === 'memory') return { driver };
  if (driver === 'sqlite' || url === undefined) return { driver: 'sqlite', file: resolve(folder, file) };
  const authorities = url.authorities === undefined ? undefined : resolve(folder, url.authorities);
  return { driver, ...url, authorities, password, schema, allowUnsafe };
}

/** Turns the configuration, once read and found good, into what the router is built from. */
export function assemble(read: ReadConfig, { folder, secret, version, token, password }: Surroundings): Config {
  const { component, store, limits } = read;
  const { service, domain, follow, reconnect, handshakeTimeout, keepalive, pingTimeout } = component;
  return deepFreeze({
    component: { service, domain, ...secret, follow, reconnect, handshakeTimeout, keepalive, pingTimeout },
    store: storeFrom(store, folder, password),
    standby: { ...read.standby, name: read.standby.name ?? `${hostname()}-${process.pid}` },
    http: { listen: listenFrom(read.http.listen, folder), token, read: readersOf(read.http), hosts: read.http.hosts },
    log: read.log,
    limits,
    drainTimeout: read.drainTimeout,
    service: {
      domain,
      title: component.name,
      admins: read.access.admins,
      contacts: read.contacts,
      pools: Object.entries(read.pools).map(([name, pool]) => poolSettings(name, pool)),
      memberGrace: read.memberGrace,
      memory: limits.memory,
      transfers: transferSettings(read.transfers),
      version,
    },
  });
}

function transferSettings(transfers: ReadConfig['transfers']): TransferSettings {
  return {
    workers: transfers.workers,
    servers: serversOf(transfers.servers),
    rules: serversOf(transfers.rules),
    drain: transfers.drainTimeout,
    answer: transfers.answerTimeout,
    leave: transfers.leaveTimeout,
    back: transfers.returnTimeout,
  };
}

function poolSettings(name: string, pool: ReadConfig['pools'][string]): PoolSettings {
  return {
    name: preparedOr(readPoolName, name),
    title: pool.name,
    description: pool.description,
    algorithm: pool.algorithm,
    offer: pool.offer,
    workers: pool.workers,
    senders: pool.senders,
    members: pool.members.map((member) => ({ ...member, label: member.label })),
    owners: pool.owners,
    join: pool.join,
    features: pool.features,
    identity: pool.identity,
    proxy: pool.proxy,
    memberMessages: pool.memberMessages,
    weights: Object.fromEntries(
      Object.entries(pool.weights).map(([pattern, weight]) => [preparedOr(readPattern, pattern), weight]),
    ),
    rate: pool.rate,
    stickyKey: pool.sticky.key,
    stickyBound: pool.sticky.bound,
    workWindow: pool.workWindow,
    cmrSet: pool.cmr.set,
    cmrHints: pool.cmr.hints ?? hintsByDefault(pool.offer),
    headline: pool.headline,
    fanoutMax: pool.fanoutMax,
    plainRetry: pool.plainRetry,
    replyWindow: pool.replyWindow,
    publish: pool.publish,
    requests: requestSettings(pool),
    moved: movedTo(pool),
    pubsub: pool.pubsub,
    delivery: pool.delivery,
  };
}

/** A single sender should not decide that everyone gets a copy unless the operator says so. */
function hintsByDefault(offer: readonly AlgorithmName[]): readonly AlgorithmName[] {
  return offer.filter((name) => name !== 'all');
}
