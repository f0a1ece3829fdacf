import { deepEqual, equal, match } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('../../', import.meta.url));

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

describe('the package xmpp-switchyard-client', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-client-package-'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('holds the built library, its types, its README and its licence, and nothing else', function () {
    this.timeout(60_000);
    const arguments_ = ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', folder];
    const output = execFileSync('npm', [...arguments_, join(home, 'client')], { cwd: folder, encoding: 'utf8' });
    const [packed]: Packed[] = JSON.parse(output);
    const paths = (packed?.files ?? []).map(({ path }) => path);
    const others = paths.filter((path) => !/^dist\/[a-z-]+\.(js|d\.ts)$/.test(path)).sort();
    deepEqual(others, ['LICENSE', 'README.md', 'package.json']);
    const modules = paths.filter((path) => path.endsWith('.js')).map((path) => path.slice(0, -3));
    deepEqual(
      modules.filter((name) => !paths.includes(`${name}.d.ts`)),
      [],
    );
  });

  it('needs @xmpp/client of its user, and no other package', () => {
    const manifest = JSON.parse(readFileSync(join(home, 'client/package.json'), 'utf8'));
    deepEqual(manifest.peerDependencies, { '@xmpp/client': '^0.14.0' });
    deepEqual([manifest.dependencies, manifest.devDependencies], [undefined, undefined]);
    const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    equal(manifest.version, version);
    equal(readFileSync(join(home, 'client/LICENSE'), 'utf8'), readFileSync(join(home, 'LICENSE'), 'utf8'));
  });

  it('has types that a strict program compiles against, and that find its mistakes', function () {
    this.timeout(60_000);
    const compile = (text: string): string => {
      // Inside the project, so that its packages are found.
      const file = join(home, '.build/client-user.ts');
      mkdirSync(join(home, '.build'), { recursive: true });
      writeFileSync(
        file,
        `import { Connection, Reject, Sender, StanzaError, Worker, xml } from 'xmpp-switchyard-client';\n${text}`,
      );
      const strict = ['--noEmit', '--strict', '--module', 'NodeNext', '--target', 'ES2023', '--types', 'node'];
      try {
        return execFileSync(join(home, 'node_modules/.bin/tsc'), ['--ignoreConfig', ...strict, file], {
          encoding: 'utf8',
        });
      } catch (error) {
        return String((error as { stdout?: string }).stdout);
      } finally {
        rmSync(file);
      }
    };
    const program = `
      const connection = new Connection({ address: 'a@b/c', password: 'd', transfersFrom: ['pools.b'] });
      new Worker(connection, { pool: 'j@pools.b', handle: async (job) => { await job.reply(xml('x', {}, job.body)); } });
      new Worker(connection, { pool: 'j@pools.b', handle: () => { throw new StanzaError('cancel', 'conflict', 'no'); } });
      new Worker(connection, {
        pool: 'j@pools.b', deduplicate: { remember: 5 }, extend: { by: 60_000, max: 120_000 },
        handle: (job) => { throw new Reject(job.delivery?.id ?? 'plain', { requeue: true, delay: 5_000 }); },
      });
      const { state }: { state: 'queued' | 'acknowledged' } = await new Sender(connection).deliver('j@pools.b', 'text', { ttl: 1_000 });
      const answer: Promise<{ from: string }> = new Sender(connection).ask('j@pools.b', 'text');
      export { answer, state };`;
    equal(compile(program), '');
    match(compile(program.replace(`'text'`, '5')), /TS2345/);
  });
});
