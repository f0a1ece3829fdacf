import { deepEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../../src/config/load.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(`${root}docs/spreading.md`, 'utf8');

/** The pool `jobs` of an example, as it is written. */
function poolIn(file: string): unknown {
  const read: { readonly pools: { readonly jobs: unknown } } = JSON.parse(
    readFileSync(`${root}examples/spreading/${file}.json`, 'utf8'),
  );
  return read.pools.jobs;
}

describe('docs/spreading.md', () => {
  it('shows the pools of examples that are accepted, and belong together', () => {
    const shown = [...page.matchAll(/^```json\n([^`]*)```$/gm)].map(([, text]): unknown => JSON.parse(text ?? ''));
    deepEqual(shown, [poolIn('front'), poolIn('p1')]);
    deepEqual(poolIn('p2'), poolIn('p1'));
    const loaded = ['front', 'p1', 'p2'].map((name) => loadConfig({ file: `${root}examples/spreading/${name}.json` }));
    const [front, ...members] = loaded.map(({ config }) => config.service);
    deepEqual(
      front?.pools[0]?.members.map(({ jid }) => jid),
      members.map(({ domain }) => `jobs@${domain}`),
    );
    for (const { pools } of members) deepEqual(pools[0]?.senders, [`jobs@${front?.domain}`]);
    for (const { warnings } of loaded)
      ok(
        warnings.every(({ path }) => path === 'component.secret'),
        String(warnings[0]?.path),
      );
  });
});
