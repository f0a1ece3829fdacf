import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Fixture, makeFixture } from './fixture.ts';

/** Each planted file breaks one rule of .dependency-cruiser.cjs. */
const violations: { rule: string; path: string; text: string }[] = [
  { rule: 'core-is-pure', path: 'src/core/a1.ts', text: `import 'node:fs';\n` },
  {
    rule: 'core-is-pure',
    path: 'src/core/a2.ts',
    text: `import type { Stats } from 'node:fs';\nexport type A = Stats;\n`,
  },
  { rule: 'core-is-pure', path: 'src/core/a3.ts', text: `import 'zod';\n` },
  { rule: 'core-is-pure', path: 'src/core/a4.ts', text: `import '../store/base.ts';\n` },
  { rule: 'xmpp-is-an-adapter', path: 'src/xmpp/a5.ts', text: `import '../store/base.ts';\n` },
  { rule: 'store-is-an-adapter', path: 'src/store/a6.ts', text: `import '../xmpp/base.ts';\n` },
  { rule: 'http-is-an-adapter', path: 'src/http/a7.ts', text: `import '../telemetry/base.ts';\n` },
  { rule: 'http-is-an-adapter', path: 'src/http.ts', text: `import './config/base.ts';\n` },
  { rule: 'config-is-an-adapter', path: 'src/config/a8.ts', text: `import '../app/base.ts';\n` },
  { rule: 'telemetry-is-an-adapter', path: 'src/telemetry/a9.ts', text: `import '../cli/base.ts';\n` },
  { rule: 'app-is-below-cli', path: 'src/app/a10.ts', text: `import '../cli/base.ts';\n` },
  { rule: 'cli-has-no-logic', path: 'src/cli/a11.ts', text: `import '../xmpp/base.ts';\n` },
  { rule: 'main-only-starts-cli', path: 'src/main.ts', text: `import './app/base.ts';\n` },
  { rule: 'xmpp-libraries-only-in-xmpp', path: 'src/app/a12.ts', text: `import '@xmpp/component';\n` },
  { rule: 'xmpp-libraries-only-in-xmpp', path: 'src/http/a13.ts', text: `import 'ltx';\n` },
  { rule: 'not-to-dev-dependency', path: 'src/app/a14.ts', text: `import 'tsx';\n` },
  { rule: 'not-to-unresolvable', path: 'src/app/a15.ts', text: `import './missing.ts';\n` },
  { rule: 'src-needs-no-tests', path: 'src/app/a16.ts', text: `import '../../test/base.ts';\n` },
  { rule: 'src-needs-no-tests', path: 'src/http/a17.ts', text: `import '../../console/src/base.ts';\n` },
  { rule: 'client-stands-alone', path: 'client/src/a19.ts', text: `import '../../src/core/base.ts';\n` },
  { rule: 'client-stands-alone', path: 'client/src/a20.ts', text: `import 'zod';\n` },
  { rule: 'client-keeps-its-library-in-a-place', path: 'client/src/a21.ts', text: `import '@xmpp/client';\n` },
  { rule: 'router-needs-no-client', path: 'src/app/a22.ts', text: `import '../../client/src/base.ts';\n` },
  { rule: 'no-circular', path: 'src/app/circle.ts', text: `import './round.ts';\n` },
  { rule: 'no-orphans', path: 'src/app/a18.ts', text: `export const a = 1;\n` },
];

/** A tree that obeys: one file a layer, each with a legal import. */
function plantLegalTree(fixture: Fixture): void {
  fixture.plant('test/base.ts', 'export const test = 1;\n');
  fixture.plant('console/src/base.ts', 'export const console = 1;\n');
  fixture.plant('src/core/base.ts', `import './other.ts';\n`);
  fixture.plant('src/core/other.ts', 'export const other = 1;\n');
  for (const adapter of ['store', 'http', 'config', 'telemetry']) {
    fixture.plant(`src/${adapter}/base.ts`, `import '../core/base.ts';\n`);
  }
  fixture.plant('src/xmpp/base.ts', `import '../core/base.ts';\nimport '@xmpp/component';\nimport 'ltx';\n`);
  fixture.plant('src/app/base.ts', `import '../xmpp/base.ts';\nimport '../store/base.ts';\nimport 'node:fs';\n`);
  fixture.plant('src/cli/base.ts', `import '../app/base.ts';\n`);
  fixture.plant('src/main.ts', `import './cli/base.ts';\n`);
  fixture.plant('client/src/base.ts', `import 'node:net';\n`);
  fixture.plant('client/src/element.ts', `import '@xmpp/client';\nimport './base.ts';\n`);
}

describe('the layer rule', () => {
  let fixture: Fixture;
  const cruise = () =>
    fixture.run('depcruise', '--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', 'src', 'client/src');

  beforeEach(() => {
    fixture = makeFixture();
    plantLegalTree(fixture);
  });
  afterEach(() => {
    fixture.remove();
  });

  it('passes a tree that obeys it', () => {
    const { code, output } = cruise();
    assert.equal(code, 0, output);
    assert.match(output, /\d\d modules, \d\d dependencies cruised/);
  });

  it('reports each planted violation', () => {
    for (const { path, text } of violations) {
      fixture.plant(path, text);
    }
    fixture.plant('src/app/round.ts', `import './circle.ts';\n`);
    const { code, output } = cruise();
    assert.notEqual(code, 0);
    for (const { rule, path } of violations) {
      assert.match(output, new RegExp(`error ${rule}: ${path.replaceAll('.', '\\.')}`), output);
    }
  });
});

describe('npm run check', () => {
  it('fails when dependency-cruiser found no module to look at', () => {
    const fixture = makeFixture();
    try {
      const scripts = fileURLToPath(new URL('../../scripts/', import.meta.url));
      for (const folder of ['scripts', 'client/src']) mkdirSync(join(fixture.folder, folder), { recursive: true });
      for (const name of ['check.mjs', 'command.mjs']) {
        copyFileSync(join(scripts, name), join(fixture.folder, 'scripts', name));
      }
      const { status, stdout } = spawnSync(process.execPath, ['scripts/check.mjs', 'depcruise'], {
        cwd: fixture.folder,
        encoding: 'utf8',
      });
      assert.equal(status, 1);
      assert.match(stdout, /FAILED {2}layers/);
      assert.match(stdout, /No module was cruised/);
    } finally {
      fixture.remove();
    }
  });
});
