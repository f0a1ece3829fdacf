import { deepEqual, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(`${root}docs/operations.md`, 'utf8');

/** What `pattern` captures in the sources below `folder`, each once. */
function namesIn(folder: string, pattern: RegExp): readonly string[] {
  const files = readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(`${root}${folder}/${file}`, 'utf8'));
  const found = texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name ?? ''));
  return [...new Set(found)];
}

describe('docs/operations.md', () => {
  it('explains every event of the log', () => {
    const events = [...namesIn('src/core', /event: '([a-z-]+)'/g), ...namesIn('src/app', /event: '([a-z-]+)'/g)];
    ok(events.length > 10);
    deepEqual(
      events.filter((event) => !page.includes(`\`${event}\``)),
      [],
    );
  });

  it('explains every reason why messages wait', () => {
    const [, union] =
      /type StallReason =([^;]*);/.exec(readFileSync(`${root}src/core/commands/queues.ts`, 'utf8')) ?? [];
    const reasons = [...(union ?? '').matchAll(/'([a-z-]+)'/g)].map(([, reason]) => reason ?? '');
    ok(reasons.length > 10);
    const rows = page.slice(page.indexOf('## When messages wait'), page.indexOf('## The log'));
    const explained = [...rows.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, reason]) => reason ?? '');
    deepEqual(explained.toSorted(), reasons.filter((reason) => reason !== 'none').toSorted());
  });

  it('explains every reason not to be ready', () => {
    const codes = namesIn('src/app', /reasons\.push\(\{ code: '([a-z-]+)'/g);
    ok(codes.length >= 5);
    deepEqual(
      codes.filter((code) => !page.includes(`\`${code}\``)),
      [],
    );
  });
});
