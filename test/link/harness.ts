import { Link, type LinkDeps } from '../../src/xmpp/link/link.ts';
import type { LinkSettings } from '../../src/xmpp/link/link-settings.ts';
import { FakeServer } from '../support/servers/fake-server.ts';
import type { FakeServerConnection } from '../support/servers/fake-server-connection.ts';
import { FakeClock } from './fake-clock.ts';
import { RecordingSink } from './recording-sink.ts';

/** Settings of a link to 127.0.0.1, with the secret of the specification's example. */
export function settingsFor(port: number, changes: Partial<LinkSettings> = {}): LinkSettings {
  return {
    host: '127.0.0.1',
    port,
    domain: 'pools.example.org',
    secret: 'test',
    secretFrom: 'component.secretFile (/etc/switchyard/secret)',
    handshakeTimeout: 10_000,
    keepalive: 30_000,
    pingTimeout: 10_000,
    reconnect: { min: 1_000, max: 60_000 },
    follow: [],
    outBuffer: 16 * 1024 * 1024,
    ...changes,
  };
}

/** A fake server, and links to it whose time stands still until the test moves it. */
export class Harness {
  readonly server: FakeServer;
  readonly #links: Link[] = [];

  private constructor(server: FakeServer) {
    this.server = server;
  }

  static async start(): Promise<Harness> {
    return new Harness(await FakeServer.start());
  }

  /** A link, started. */
  link(
    changes: Partial<LinkSettings> = {},
    deps: LinkDeps = {},
    sink = new RecordingSink(),
  ): { link: Link; sink: RecordingSink; clock: FakeClock } {
    const clock = new FakeClock();
    const link = new Link(settingsFor(this.server.port, changes), sink, { clock, random: () => 0.5, ...deps });
    this.#links.push(link);
    link.start();
    return { link, sink, clock };
  }

  /** A link that is attached and has passed its self-test: the next pings come after a minute. */
  async attached(
    changes: Partial<LinkSettings> = {},
    deps: LinkDeps = {},
    sink = new RecordingSink(),
  ): Promise<{ link: Link; sink: RecordingSink; clock: FakeClock; connection: FakeServerConnection }> {
    const made = this.link(changes, deps, sink);
    const connection = await this.server.attach();
    const pings = await connection.expect(/(?:<iq .*?<\/iq>){20}/);
    const domain = 'pools.example.org';
    for (const [, id] of pings.matchAll(/id='([^']+)'/g)) {
      const request = { name: 'ping' } as const;
      made.link.health.take({ kind: 'iq-request', type: 'get', from: domain, to: domain, id, request, payload: '' });
    }
    return { ...made, connection };
  }

  /** Closes everything; links whose clocks stand still are cut by the server. */
  async stop(): Promise<void> {
    const stopped = this.#links.map((link) => link.stop());
    await this.server.stop();
    await Promise.all(stopped);
  }
}
