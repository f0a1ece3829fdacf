import { deepEqual, equal, match } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../support/free-ports.ts';
import type { ServerOptions, XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';
import { SwitchyardFolder } from './switchyard-command.ts';

/** `switchyard check` against a real server: a good set-up, and each way to get it wrong told apart. */
export function describeCheck(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
  /** What this server says to a domain that it does not have. */
  wrongDomain: RegExp,
): void {
  describe(`switchyard check on ${name}`, () => {
    let server: XmppServer;
    let folder: SwitchyardFolder;

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({ components: { 'pools.localhost': 's3cret' } });
    });

    beforeEach(() => {
      folder = new SwitchyardFolder();
    });

    afterEach(() => folder.remove());

    after(async () => {
      await server?.remove();
    });

    const files = (): Record<string, string> =>
      Object.fromEntries(
        readdirSync(folder.path).map((file) => [
          file,
          createHash('sha256')
            .update(readFileSync(join(folder.path, file)))
            .digest('hex'),
        ]),
      );

    it('finds nothing wrong with a good set-up, and leaves the database as it was', async () => {
      folder.configure(server.componentPort);
      equal((await folder.run('migrate')).code, 0);
      const before = files();
      const { code, output, errors } = await folder.run('check');
      deepEqual([code, errors], [0, ''], output);
      match(
        output,
        /ok +configuration: one pool\nok +database: .* is sound\nok +server: .*accepts.*\nok +route: .*\nok +stanza size: .*\nok +localhost: \w+; what to set there: docs\/\w+\.md\n$/,
      );
      deepEqual(files(), before);
    });

    it('finds a server that closes the link at stanzas which the router may send', async () => {
      const strict = await startServer({ components: { 'pools.localhost': 's3cret' }, componentStanzaLimit: 100_000 });
      try {
        folder.configure(strict.componentPort);
        const { code, output } = await folder.run('check');
        equal(code, 1, output);
        match(output, /ok +route: .*\nFAIL +stanza size: the server closes the link at a stanza of 480KiB/);
      } finally {
        await strict.remove();
      }
    });

    it('finds traps that the server shows, and hosts that it does not reach, which are no failures', async () => {
      const keeping = await startServer({ components: { 'pools.test.localhost': 's3cret' }, offline: true });
      try {
        const pools = { jobs: { workers: ['*@localhost', 'w@far.invalid/r'] } };
        folder.configure(keeping.componentPort, { pools }, { domain: 'pools.test.localhost' });
        const { code, output } = await folder.run('check');
        equal(code, 0, output);
        match(output, /note +localhost: it stores messages for accounts that are not there\n +What a worker/);
        // Prosody without s2s refuses what ejabberd has looked for.
        match(output, /note +far\.invalid: .*\((remote-server-not-found|not-allowed)\)\n/);
        match(output, /note +test\.localhost: .*\n/);
        deepEqual(output.match(/FAIL/g), null);
      } finally {
        await keeping.remove();
      }
    });

    it('makes no database where there is none', async () => {
      folder.configure(server.componentPort);
      const { code, output } = await folder.run('check');
      equal(code, 0, output);
      match(output, /does not exist yet/);
      deepEqual(Object.keys(files()), ['component.config.json']);
    });

    it('tells a wrong port, the port for clients, a wrong secret and a wrong domain apart', async () => {
      const [port = 0] = await freePorts(1);
      const { componentPort, c2sPort } = server;
      const wrong: readonly (readonly [number, Readonly<Record<string, unknown>>, RegExp])[] = [
        [port, {}, new RegExp(`\\(refused\\): Nothing listens at 127\\.0\\.0\\.1:${port}\\.\n +Start the XMPP server`)],
        [c2sPort, {}, /\(not-component-port\): .*\n +Correct the port in component\.service/],
        [
          componentPort,
          { secret: 'not-it' },
          /\(wrong-secret\): .*\n +Make the secret in component\.secret \(file .*\) equal/,
        ],
        [componentPort, { domain: 'other.localhost' }, wrongDomain],
      ];
      const folders = wrong.map(([at, component]) => {
        const own = new SwitchyardFolder();
        own.configure(at, {}, component);
        return own;
      });
      const results = await Promise.all(folders.map((own) => own.run('check')));
      for (const own of folders) own.remove();
      for (const [index, [, , text]] of wrong.entries()) {
        const { code, output = '' } = results[index] ?? {};
        equal(code, 1, output);
        match(output, text);
        match(output, /^ok +configuration: .*\nok +database: .*\nFAIL +server /);
      }
    });
  });
}
