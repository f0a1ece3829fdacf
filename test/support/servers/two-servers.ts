import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../free-ports.ts';
import { makeRoad, type Road } from '../road.ts';
import { giveTo, makeFolder } from './daemon.ts';
import { type Certificate, makeCertificate, trust } from './s2s.ts';
import type { ServerOptions, XmppServer } from './xmpp-server.ts';

/** How one of the two is started, the system's account that it runs as, and what it has. */
export interface Side extends Pick<ServerOptions, 'accounts' | 'components' | 'componentsApart'> {
  readonly start: (options: ServerOptions) => Promise<XmppServer>;
  readonly user: string;
  readonly domain: string;
}

/** Two servers with certificates that both check, and a road each way between them. */
export class TwoServers {
  readonly #folder: string;
  readonly #servers: readonly XmppServer[];
  readonly #roads: readonly Road[];

  private constructor(folder: string, servers: readonly XmppServer[], roads: readonly Road[]) {
    this.#folder = folder;
    this.#servers = servers;
    this.#roads = roads;
  }

  static async start(near: Side, far: Side): Promise<TwoServers> {
    const folder = makeFolder('two-servers');
    const [nearPort = 0, farPort = 0, toNear = 0, toFar = 0] = await freePorts(4);
    const atNear = { address: '127.0.0.2', port: nearPort };
    const atFar = { address: '127.0.0.1', port: farPort };
    const roads = await Promise.all([makeRoad(toNear, atNear), makeRoad(toFar, atFar)]);
    const certificates = [near, far].map((side) => certificateOf(folder, side));
    const trusted = trust(folder, certificates);
    const sides = [
      { side: near, at: atNear, other: far, road: toFar },
      { side: far, at: atFar, other: near, road: toNear },
    ];
    const servers = await Promise.all(
      sides.map(({ side, at, other, road }, index) => {
        const certificate = certificates[index];
        if (certificate === undefined) throw new Error('one certificate for each');
        const peers = Object.fromEntries(domainsOf(other).map((name) => [name, { address: '127.0.0.1', port: road }]));
        const { domain, accounts = {}, components = {}, componentsApart = false } = side;
        return side.start({
          domain,
          accounts,
          components,
          componentsApart,
          federation: { ...certificate, ...at, trusted, peers },
        });
      }),
    );
    return new TwoServers(folder, servers, roads);
  }

  get near(): XmppServer {
    return this.#server(0);
  }

  get far(): XmppServer {
    return this.#server(1);
  }

  /** The servers lose each other; both live on, and their clients notice nothing. */
  async part(): Promise<void> {
    await Promise.all(this.#roads.map((road) => road.cut()));
  }

  async join(): Promise<void> {
    await Promise.all(this.#roads.map((road) => road.mend()));
  }

  async remove(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.remove()));
    await this.part();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #server(index: number): XmppServer {
    const server = this.#servers[index];
    if (server === undefined) throw new Error('there are two servers');
    return server;
  }
}

function domainsOf({ domain, components = {} }: Side): string[] {
  return [domain, ...Object.keys(components)];
}

/** In a folder of its own: the key is for one of the two accounts only. */
function certificateOf(folder: string, side: Side): Certificate {
  const own = join(folder, side.domain);
  mkdirSync(own);
  const certificate = makeCertificate(own, domainsOf(side));
  giveTo(side.user, own);
  return certificate;
}
