import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectClient } from '../support/clients/xmpp-client.ts';
import { prepareRouter } from '../support/router/router-process.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { skip } from '../support/skip.ts';

const home = fileURLToPath(new URL('../../', import.meta.url));
const domain = 'pools.localhost';
/** Bytes of the tarball; what is over it was put in by mistake. */
const largest = 1_500_000;
const patience = 30_000;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

describe('the package xmpp-switchyard', function () {
  this.timeout(180_000);
  let folder: string;
  let app: string;
  let packed: Packed;

  before(function () {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-package-'));
    app = join(folder, 'app');
    mkdirSync(app);
    const arguments_ = ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', folder];
    const [only]: Packed[] = JSON.parse(execFileSync('npm', arguments_, { cwd: home, encoding: 'utf8' }));
    packed = only ?? { filename: '', size: 0, files: [] };
    const tarball = join(folder, packed.filename);
    // The program of better-sqlite3 is compiled for a minute where none is ready-made: that of this clone is taken.
    const install = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball];
    const { status, stderr } = spawnSync('npm', install, { cwd: app, encoding: 'utf8' });
    if (/ENOTCACHED|EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ENETUNREACH/.test(stderr)) skip(this, 'npm reaches no registry');
    equal(status, 0, stderr);
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs the command that was installed. */
  function switchyard(...words: readonly string[]) {
    const { status, stdout, stderr } = spawnSync(join(app, 'node_modules/.bin/switchyard'), words, {
      cwd: app,
      encoding: 'utf8',
    });
    return { status, stdout, stderr, text: stdout + stderr };
  }

  function configure(changes: Readonly<Record<string, unknown>> = {}): void {
    const settings = {
      component: { service: 'xmpp://127.0.0.1:5347', domain, secret: 'not-a-real-one' },
      pools: { jobs: { workers: ['*@localhost'] } },
      ...changes,
    };
    writeFileSync(join(app, 'component.config.json'), JSON.stringify(settings), { mode: 0o600 });
  }

  it('is built before it is packed', () => {
    // Here it was built before, and nobody waits for it twice.
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(join(home, 'package.json'), 'utf8'),
    );
    equal(scripts['prepack'], 'npm run build');
  });

  it('holds what runs and what is read, and neither tests, sources, maps nor left-overs', () => {
    const paths = packed.files.map(({ path }) => path).filter((path) => !path.startsWith('dist/console/'));
    const sources = readdirSync(join(home, 'src'), { recursive: true, encoding: 'utf8' });
    const built = sources.filter((path) => /(?<!\.d)\.ts$/.test(path)).map((path) => path.replace(/\.ts$/, '.js'));
    const program = paths.filter((path) => path.startsWith('dist/')).map((path) => path.slice('dist/'.length));
    deepEqual(program.sort(), built.sort());
    const others = paths.filter((path) => !/^(?:dist|docs|migrations|examples|contrib)\//.test(path)).sort();
    deepEqual(others, [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'component.config.json',
      'component.config.schema.json',
      'package.json',
    ]);
    ok(packed.size < largest, `${packed.size} bytes`);
    const migrations = readdirSync(join(home, 'migrations'), { recursive: true, encoding: 'utf8' });
    deepEqual(
      migrations.filter((name) => name.endsWith('.sql') && !paths.includes(`migrations/${name}`)),
      [],
    );
    ok(migrations.includes('postgres/0001_instances.sql'));
  });

  it('tells nothing of the machine that it was made on', () => {
    const installed = join(app, 'node_modules/xmpp-switchyard');
    for (const { path } of packed.files) {
      const text = readFileSync(join(installed, path), 'utf8');
      ok(!text.includes(home) && !text.includes(`${tmpdir()}/switchyard-`), path);
    }
  });

  it('says what to do when better-sqlite3 was installed without its program', () => {
    ok(!existsSync(join(app, 'node_modules/better-sqlite3/build')));
    configure();
    const { status, text } = switchyard('check', '--offline');
    equal(status, 1, text);
    match(text, /FAIL +database: .*better-sqlite3.* has no program for this Node\.js\.\n.*npm rebuild better-sqlite3/);
    const migrated = switchyard('migrate');
    equal(migrated.status, 1);
    match(migrated.stderr, /npm rebuild better-sqlite3/);
    ok(!migrated.stderr.includes('bindings'), migrated.stderr);
  });

  it('runs: the version, the check, and errors that say what to do', () => {
    const binary = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';
    cpSync(join(home, binary), join(app, binary));
    const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    deepEqual(switchyard('--version').text, `${version}\n`);
    configure();
    const checked = switchyard('check', '--offline');
    equal(checked.status, 0, checked.text);
    match(checked.text, /ok +configuration: one pool/);
    configure({ pools: { jobs: { worker: ['*@localhost'] } } });
    const wrong = switchyard('run');
    equal(wrong.status, 2, wrong.text);
    match(wrong.stderr, /pools\.jobs\.worker.*\n.*"workers"/);
    rmSync(join(app, 'component.config.json'));
    const none = switchyard('run');
    equal(none.status, 2);
    match(none.stderr, /There is no component\.config\.json here; --config names another file\./);
    equal(switchyard('rum').status, 2);
  });

  it('routes a message through Prosody', async function () {
    const reason = prosodyMissing();
    if (reason !== undefined) skip(this, reason);
    const server = await startProsody({ accounts: { sensor: 'pw', worker: 'pw' }, components: { [domain]: 's3cret' } });
    const router = prepareRouter({
      componentPort: server.componentPort,
      domain,
      secret: 's3cret',
      pools: { jobs: { workers: ['worker@localhost'] } },
      program: [join(app, 'node_modules/xmpp-switchyard/dist/main.js')],
    });
    const login = (user: string) => connectClient({ port: server.c2sPort, user, password: 'pw', resource: 'r' });
    const clients = await Promise.all([login('sensor'), login('worker')]);
    try {
      await router.start();
      const [sender, worker] = clients;
      await worker.send(`<presence to='jobs@${domain}'/>`);
      await worker.waitFor(
        (stanza) => stanza.is('presence') && stanza.attrs['from'] === `jobs@${domain}`,
        'the pool',
        patience,
      );
      await sender.send(`<message to='jobs@${domain}' type='chat' id='m1'><body>packed</body></message>`);
      const got = await worker.waitFor((stanza) => stanza.getChildText('body') === 'packed', 'the message', patience);
      equal(got.attrs['from'], `jobs@${domain}/sensor@localhost/r`);
      equal(await router.stop(), 0);
    } finally {
      await Promise.all(clients.map((client) => client.end()));
      await router.remove();
      await server.remove();
    }
  });
});
