import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config/load.ts';
import { formatSize } from '../../src/config/size.ts';
import { ringAge, ringBytes, ringCount } from '../../src/core/delivery/ring.ts';
import { type ErrorCode, errors } from '../../src/core/errors/errors.ts';
import { memoryShares } from '../../src/core/memory/memory-shares.ts';
import { dropReasons } from '../../src/telemetry/drop-reasons.ts';
import { anchorsOf, blocksOf, codeOf, linksOf } from './markdown.ts';

const home = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(home, path), 'utf8');

/** The documents of the project, by their paths from its root. */
function documents(): readonly string[] {
  const top = readdirSync(home).filter((name) => name.endsWith('.md'));
  const below = readdirSync(join(home, 'docs'), { recursive: true, encoding: 'utf8' });
  return [
    ...top,
    'client/README.md',
    ...below.filter((name) => name.endsWith('.md')).map((name) => join('docs', name)),
  ].sort();
}

/** Why a link of the document at `path` leads nowhere, or `undefined`. */
function brokenLink(path: string, target: string): string | undefined {
  if (/^(https?|xmpp|mailto):/.test(target)) return undefined;
  const [file = '', anchor] = target.split('#');
  const to = file === '' ? path : relative(home, join(home, dirname(path), file));
  if (!existsSync(join(home, to))) return `${path}: ${target} does not exist`;
  if (anchor === undefined || anchorsOf(read(to)).has(anchor)) return undefined;
  return `${path}: ${target} names no heading`;
}

/** The paths of this project that stand in backticks; `NNNN` is a placeholder. */
function pathsIn(markdown: string): readonly string[] {
  const tops = /^(src|client|test|docs|bench|scripts|migrations|contrib|examples)\/[\w./-]*$/;
  return codeOf(markdown).filter((code) => tops.test(code) && !code.includes('NNNN'));
}

function scripts(): Record<string, unknown> {
  const { scripts: named } = JSON.parse(read('package.json')) as { scripts: Record<string, unknown> };
  return named;
}

/** The blocks that are whole configurations. */
function configurationsIn(markdown: string): readonly string[] {
  return blocksOf(markdown)
    .filter(({ language, text }) => language === 'json' && text.includes('"component"'))
    .map(({ text }) => text);
}

/** What a document says of each exit: the code, and the condition where it stands. */
function exitsIn(markdown: string): readonly { readonly code: string; readonly condition: string | undefined }[] {
  const exits = markdown.matchAll(/bounced `([a-z-]+)`(?: \(`([a-z/-]+)`\))?/g);
  return [...exits].map(([, code = '', condition]) => ({ code, condition }));
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errors, code);
}

describe('the documents', () => {
  it('are found', () => {
    const found = documents();
    for (const path of ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/architecture.md', 'docs/lifecycle.md']) {
      assert.ok(found.includes(path), path);
    }
  });

  for (const path of documents()) {
    it(`${path}: links, anchors, paths and commands exist`, () => {
      const text = read(path);
      const broken = [
        ...linksOf(text).flatMap((target) => brokenLink(path, target) ?? []),
        ...pathsIn(text).filter((named) => !existsSync(join(home, named))),
        ...[...text.matchAll(/npm run ([a-z][a-z:]*)/g)]
          .map(([, name = '']) => name)
          .filter((name) => scripts()[name] === undefined)
          .map((name) => `there is no npm run ${name}`),
      ];
      assert.deepEqual(broken, []);
    });
  }

  it('list every document in docs/README.md', () => {
    const listed = new Set(linksOf(read('docs/README.md')).map((target) => join('docs', target)));
    const missing = documents().filter((path) => path.startsWith('docs/') && path !== 'docs/README.md');
    assert.deepEqual(
      missing.filter((path) => !listed.has(path)),
      [],
    );
  });
});

describe('the configurations in the documents', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-docs-'));
    for (const name of ['component.secret', 'database.password']) {
      writeFileSync(join(folder, name), 'of-the-test\n', { mode: 0o600 });
    }
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('load without errors and warnings', () => {
    const found = documents().flatMap((path) => configurationsIn(read(path)).map((text) => ({ path, text })));
    assert.ok(found.some(({ path }) => path === 'README.md'));
    for (const { path, text } of found) {
      const file = join(folder, 'component.config.json');
      writeFileSync(file, text);
      assert.deepEqual(loadConfig({ file }).warnings, [], path);
    }
  });
});

describe('docs/lifecycle.md', () => {
  const text = read('docs/lifecycle.md');

  it('names every error, and none that does not exist', () => {
    const named = new Set(exitsIn(text).map(({ code }) => code));
    assert.deepEqual([...named].sort(), Object.keys(errors).sort());
  });

  it('gives each error its condition', () => {
    for (const { code, condition } of exitsIn(text)) {
      if (condition === undefined || !isErrorCode(code)) continue;
      assert.equal(condition, `${errors[code].type}/${errors[code].condition}`, code);
    }
    const told = new Set(exitsIn(text).flatMap(({ code, condition }) => (condition === undefined ? [] : [code])));
    assert.deepEqual([...told].sort(), Object.keys(errors).sort());
  });

  it('names every reason to drop a stanza, and none that does not exist', () => {
    const named = new Set([...text.matchAll(/dropped `([a-z-]+)`/g)].map(([, reason = '']) => reason));
    assert.deepEqual([...named].sort(), Object.keys(dropReasons).sort());
  });
});

describe('the documents, on what is kept to be sent again', () => {
  it('gives the bounds that the code has', () => {
    const parts = ['', 'all', 'a half', 'a third', 'a quarter', 'a fifth', 'a sixth', 'a seventh', 'an eighth'];
    const limit = 16 * 1024 * 1024;
    const share = parts[limit / memoryShares(limit).rings] ?? 'a share that has no word here';
    const most = formatSize(memoryShares(Number.MAX_SAFE_INTEGER).rings).replace('MiB', ' MiB');
    const count = String(ringCount)
      .replace(/(?=(?:\d{3})+$)/, ' ')
      .trim();
    const bounds =
      `for ${ringAge / 1_000} seconds, ${count} messages and ${ringBytes / 1024 / 1024} MiB at most, ` +
      `and all pools together ${share} of \`limits.memory\` (${most} at most)`;
    assert.ok(read('docs/lifecycle.md').includes(bounds), bounds);
    const short = `The last ${count} messages of a pool are remembered for it, and ${ringBytes / 1024 / 1024} MiB at most.`;
    assert.ok(read('docs/configuration.md').includes(short), short);
    const decided = `A pool remembers ${count} messages, ${ringAge / 1_000} seconds, ${ringBytes / 1024 / 1024} MiB`;
    assert.ok(read('docs/adr/0015-plain-retry-ring.md').includes(decided), decided);
  });
});

describe('README.md', () => {
  const text = read('README.md');

  it('shows what --help prints', () => {
    const start = '$ node dist/main.js --help\n';
    const shown = blocksOf(text)
      .find((block) => block.text.startsWith(start))
      ?.text.slice(start.length);
    const real = spawnSync(process.execPath, ['--import=tsx', 'src/main.ts', '--help'], {
      cwd: home,
      encoding: 'utf8',
    });
    assert.equal(real.status, 0, real.stderr);
    assert.equal(shown, real.stdout);
  });
});
