import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { lines, load, warnings, withPool } from './fixture.ts';

const [p1, p2] = ['jobs@p1.example.org', 'jobs@p2.example.org'];

describe('configuration: static members', () => {
  it('are pools of other domains, with a weight, a label and a capacity', () => {
    const members = [{ jid: 'Jobs@P1.Example.org' }, { jid: p2, weight: 2, label: 'second', capacity: 50 }];
    const [pool] = load(withPool({ workers: [], members })).config.service.pools;
    assert.deepEqual(pool?.members, [
      { jid: p1, weight: 1, label: undefined, capacity: 1000 },
      { jid: p2, weight: 2, label: 'second', capacity: 50 },
    ]);
    assert.deepEqual(load(withPool({})).config.service.pools[0]?.members, []);
  });

  it('are no workers, no domains, none of the own domain, and each there once', () => {
    const refused = (members: readonly object[]): readonly string[] => lines(withPool({ members }));
    const [full] = refused([{ jid: `${p1}/r` }]);
    assert.match(full ?? '', /members\[0\]\.jid .* A pool has no resource, and a worker joins by its presence\./);
    assert.match(full ?? '', /Write the address of a pool, such as "jobs@p1\.example\.org"\./);
    assert.match(refused([{ jid: 'p1.example.org' }])[0] ?? '', /This is a domain, and no pool of it\./);
    assert.match(refused([{ jid: 'jobs@pools.example.org' }])[0] ?? '', /The pool would be its own member\./);
    assert.match(refused([{ jid: 'other@pools.example.org' }])[0] ?? '', /a pool of this very component/);
    assert.match(refused([{ jid: p1 }, { jid: 'JOBS@p1.example.org' }])[0] ?? '', /The same pool stands twice/);
    const alike = [
      { jid: p1, label: 'a' },
      { jid: p2, label: 'a' },
    ];
    assert.match(refused(alike)[0] ?? '', /members\[1\]\.label .* Two members cannot have the same label/);
    assert.match(refused([{ jid: p1, label: 'a b' }])[0] ?? '', /This can be no label/);
    assert.match(refused([{ jid: p1, weight: 0 }])[0] ?? '', /out of range/);
  });

  it('make a list of workers needless, and nothing else does', () => {
    assert.deepEqual(warnings(withPool({ workers: [], members: [{ jid: p1 }] })), []);
    assert.match(lines(withPool({ workers: [], members: [] }))[0] ?? '', /This list is empty\./);
  });

  it('acknowledge what they have on disk, whatever this pool asks of workers', () => {
    const durable = (ack: string, workers: readonly string[]) =>
      withPool({ workers, members: [{ jid: p1 }], delivery: { guarantee: 'at-least-once', ack } });
    assert.match(warnings(durable('processed', []))[0] ?? '', /pools\.jobs\.delivery\.ack .* on their own disk/);
    assert.deepEqual(warnings(durable('processed', ['w@example.org'])), []);
    assert.deepEqual(warnings(durable('auto', [])), []);
  });
});
