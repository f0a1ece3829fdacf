import assert from 'node:assert/strict';
import { type Fixture, makeFixture } from './fixture.ts';

describe('the compiler, on the core alone', () => {
  let fixture: Fixture;
  const compile = () => fixture.run('tsc', '--noEmit', '-p', 'src/core/tsconfig.json');

  beforeEach(() => {
    fixture = makeFixture();
  });
  afterEach(() => {
    fixture.remove();
  });

  it('accepts plain code', () => {
    fixture.plant('src/core/a.ts', 'export const sum = (a: number, b: number): number => a + b;\n');
    const { code, output } = compile();
    assert.equal(code, 0, output);
  });

  for (const [what, text] of [
    ['a module of Node', `import { readFileSync } from 'node:fs';\nexport const a = readFileSync;\n`],
    ['a timer', 'export const a = setTimeout(() => undefined, 1);\n'],
    ['the process', 'export const a = process.env;\n'],
    ['a Buffer', 'export const a = Buffer.alloc(1);\n'],
    ['the console', `console.log('a');\nexport {};\n`],
  ] as const) {
    it(`refuses ${what}`, () => {
      fixture.plant('src/core/a.ts', text);
      const { code, output } = compile();
      assert.notEqual(code, 0);
      assert.match(output, /src\/core\/a\.ts\(1,/);
    });
  }
});

describe('the linters', () => {
  let fixture: Fixture;

  beforeEach(() => {
    fixture = makeFixture();
  });
  afterEach(() => {
    fixture.remove();
  });

  /** Each rule that needs types, with a line that breaks it. */
  const typed = [
    ['no-floating-promises', 'export const f = (): void => { Promise.resolve(1); };\n'],
    [
      'no-misused-promises',
      'export const f = (list: number[]): void => list.forEach(async () => { await Promise.resolve(); });\n',
    ],
    ['await-thenable', 'export const f = async (): Promise<void> => { await 1; };\n'],
    ['no-unsafe-assignment', `export const f: string = JSON.parse('1');\n`],
    ['no-unsafe-return', `export const f = (): string => JSON.parse('1');\n`],
    ['no-unsafe-type-assertion', 'export const f = (value: unknown): string => value as string;\n'],
    ['no-non-null-assertion', 'export const f = (list: number[]): number => list[0]!;\n'],
    ['no-explicit-any', 'export const f = (value: any): number => 1;\n'],
    ['switch-exhaustiveness-check', `export const f = (a: 'b' | 'c'): void => { switch (a) { case 'b': return; } };\n`],
  ] as const;

  it('report every planted violation of a type-aware rule', () => {
    typed.forEach(([, text], index) => {
      fixture.plant(`src/app/a${index}.ts`, text);
    });
    const { code, output } = fixture.run('oxlint', '--type-aware', '--format', 'unix');
    assert.notEqual(code, 0);
    typed.forEach(([rule], index) => {
      assert.match(output, new RegExp(`src/app/a${index}\\.ts:.*${rule}`), output);
    });
  });

  it('report a default export, a barrel and a badly laid out line', () => {
    fixture.plant('src/app/a.ts', 'export default 1;\n');
    fixture.plant('src/app/b.ts', `export * from './c.ts';\n`);
    fixture.plant('src/app/c.ts', 'export const c = "double";\n');
    const { code, output } = fixture.run('biome', 'ci', '--colors=off', '.');
    assert.notEqual(code, 0);
    assert.match(output, /a\.ts.*noDefaultExport/);
    assert.match(output, /b\.ts.*noReExportAll/);
    assert.match(output, /c\.ts.*format/);
  });
});
