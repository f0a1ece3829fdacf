import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const store = fileURLToPath(new URL('../../src/store/', import.meta.url));

/** What makes an object of better-sqlite3 that nothing holds: Node 24 aborts when it is collected. */
const loose = /new Database\(|\.pragma\(|(?<!hold\(\s*\w+)\.prepare\b/g;

function looseIn(text: string): readonly string[] {
  return [...text.matchAll(loose)].map(([found]) => found);
}

describe('connections and statements of SQLite', () => {
  it('are all held', () => {
    const files = readdirSync(store, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    assert.ok(files.includes('sqlite/connection.ts'));
    const found = files
      .filter((file) => file !== 'sqlite/connection.ts')
      .flatMap((file) => looseIn(readFileSync(store + file, 'utf8')).map((what) => `${file}: ${what}`));
    assert.deepEqual(found, []);
  });

  it('are found when they are not', () => {
    const text = "database.prepare('x'); hold(database.prepare('y')); new Database(file); lock.pragma('z')";
    assert.deepEqual(looseIn(text), ['.prepare', 'new Database(', '.pragma(']);
  });
});
