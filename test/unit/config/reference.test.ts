import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { configReferences } from '../../../scripts/generate-config-docs.ts';
import { childOf, isMap, jsonSchema, type KeyNode, namesOf } from '../../../src/config/keys.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { inFolder } from './fixture.ts';

const project = join(import.meta.dirname, '../../..');

/** Every key below `node` that has no description, as dotted paths. */
function undescribed(node: KeyNode, path: string): readonly string[] {
  const names = isMap(node) ? ['*'] : namesOf(node);
  return names.flatMap((name) => {
    const child = childOf(node, name);
    assert.ok(child);
    const own = (child.description ?? '') === '' ? [`${path}.${name}`] : [];
    return [...own, ...undescribed(child, `${path}.${name}`)];
  });
}

describe('the reference of the configuration', () => {
  for (const [path, render] of Object.entries(configReferences)) {
    it(`${path} is what the code says`, () => {
      assert.equal(readFileSync(join(project, path), 'utf8'), render());
    });
  }

  it('describes every key', () => {
    assert.deepEqual(undescribed(jsonSchema, ''), []);
  });

  it('has examples that load without a warning', () => {
    const text = readFileSync(join(project, 'docs/configuration.md'), 'utf8');
    const examples = [...text.matchAll(/```json\n([^`]*)```/g)].map(([, example]) => example ?? '');
    assert.ok(examples.length >= 3);
    inFolder((folder) => {
      for (const name of ['component.secret', 'database.password']) {
        writeFileSync(join(folder, name), 'abc\n', { mode: 0o600 });
      }
      for (const example of examples) {
        writeFileSync(join(folder, 'c.json'), example);
        assert.deepEqual(loadConfig({ file: join(folder, 'c.json') }).warnings, []);
      }
    });
  });

  it('goes with a configuration at the top of the project that loads', () => {
    const { config, warnings } = loadConfig({ file: join(project, 'component.config.json') });
    assert.deepEqual(
      config.service.pools.map(({ name }) => name),
      ['jobs'],
    );
    assert.deepEqual(
      warnings.map(({ path, problem }) => [path, problem]),
      [['component.secret', 'This is the secret of the example, known to everyone.']],
    );
  });
});
