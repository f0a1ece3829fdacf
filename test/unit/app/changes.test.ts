import { deepEqual, ok } from 'node:assert/strict';
import { changesBetween } from '../../../src/app/reload/changes.ts';
import { load, minimal, withComponent, withPool } from '../config/fixture.ts';

function texts(before: object, after: object): string[] {
  return changesBetween(load(before), load(after)).map(({ text, restart }) => (restart ? `restart: ${text}` : text));
}

describe('what a reload would change', () => {
  it('is nothing between a configuration and itself', () => {
    deepEqual(texts(minimal, minimal), []);
  });

  it('is told by key, with the value before and after', () => {
    deepEqual(texts(minimal, withPool({ algorithm: 'all', name: 'Jobs', weights: { 'a@b': 2 } })), [
      'pools.jobs.algorithm: "roundrobin" -> "all"',
      'pools.jobs.name: nothing -> "Jobs"',
      'pools.jobs.weights["a@b"]: nothing -> 2',
    ]);
  });

  it('is one line for a pool that comes or goes, by the name that its address has', () => {
    const pool = minimal.pools.jobs;
    deepEqual(texts({ ...minimal, pools: { jobs: pool, a: pool } }, { ...minimal, pools: { Jobs: pool, b: pool } }), [
      'pool b is new',
      'pool a is gone',
      ...texts({ ...minimal, pools: { jobs: pool } }, { ...minimal, pools: { Jobs: pool } }),
    ]);
  });

  it('needs a restart where the process has settled it', () => {
    deepEqual(texts(minimal, { ...minimal, limits: { memory: '8MiB', stanza: '64KiB' }, log: { level: 'warn' } }), [
      'log.level: "info" -> "warn"',
      'restart: limits.stanza: "480KiB" -> "64KiB"',
      'limits.memory: "64MiB" -> "8MiB"',
    ]);
    deepEqual(texts(minimal, withComponent({ keepalive: '1m' })), ['restart: component.keepalive: "30s" -> "1m"']);
  });

  it('never shows the secret', () => {
    const changes = texts(minimal, withComponent({ secret: 'hunter2' }));
    deepEqual(changes, ['restart: component.secret has changed']);
    ok(!changes.join().includes('s3cret'));
  });
});
