import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { references } from '../../../scripts/generate-reference.ts';
import { errors } from '../../../src/core/errors/errors.ts';
import type { ErrorRow } from '../../../src/core/errors/row.ts';

const root = new URL('../../../', import.meta.url);

describe('generated references', () => {
  for (const [path, render] of Object.entries(references)) {
    it(`${path} is what the code says`, () => {
      assert.equal(readFileSync(new URL(path, root), 'utf8'), render());
    });
  }

  it('hold every error with condition, type, element, status and text', () => {
    const lines = (references['docs/errors.md']?.() ?? '').split('\n');
    for (const [code, row] of Object.entries<ErrorRow>(errors)) {
      const line = lines.find((candidate) => candidate.startsWith(`| \`${code}\` |`)) ?? '';
      const text = row.text.replaceAll('<', '&lt;');
      const name = row.element ?? row.command;
      const element = name === undefined ? '' : `\`${name}\``;
      assert.equal(line, `| \`${code}\` | \`${row.condition}\` | ${row.type} | ${element} | ${row.http} | ${text} |`);
    }
  });

  it('pass their own check from the command line', () => {
    const script = fileURLToPath(new URL('scripts/generate-reference.ts', root));
    execFileSync(process.execPath, ['--import=tsx', script, '--check'], { cwd: fileURLToPath(root), stdio: 'pipe' });
  });
});
