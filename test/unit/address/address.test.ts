import assert from 'node:assert/strict';
import { type Address, labelAddress, makeLabel, parseAddress, proxyFor } from '../../../src/core/address/address.ts';

const domain = 'pools.example.org';

describe('parseAddress', () => {
  const cases: readonly [string, Address | undefined][] = [
    ['pools.example.org', { kind: 'service' }],
    ['pools.example.org/x', { kind: 'service-resource' }],
    ['pools.example.org/x@pools.example.org', { kind: 'service-resource' }],
    ['jobs@pools.example.org', { kind: 'pool', pool: 'jobs' }],
    ['jobs@pools.example.org/~cam.1', { kind: 'label', pool: 'jobs', label: 'cam.1' }],
    ['jobs@pools.example.org/!abc234', { kind: 'alias', pool: 'jobs', key: 'abc234' }],
    ['jobs@pools.example.org/a@h/r', { kind: 'proxy', pool: 'jobs', target: 'a@h/r' }],
    ['jobs@pools.example.org/sensors.h', { kind: 'proxy', pool: 'jobs', target: 'sensors.h' }],
    ['jobs@pools.example.org/a@h/~r', { kind: 'proxy', pool: 'jobs', target: 'a@h/~r' }],
    ['jobs@other.example.org', { kind: 'foreign' }],
    ['other.example.org', { kind: 'foreign' }],
    ['xpools.example.org', { kind: 'foreign' }],
    ['jobs@pools.example.org.evil', { kind: 'foreign' }],
    ['a@b@pools.example.org', { kind: 'foreign' }],
    ['', { kind: 'foreign' }],
    ['@pools.example.org', undefined],
    ['pools.example.org/', undefined],
    ['jobs@pools.example.org/', undefined],
    ['jobs@pools.example.org/~', undefined],
    ['jobs@pools.example.org/~a b', undefined],
    ['jobs+abc234@pools.example.org', { kind: 'alias', pool: 'jobs', key: 'abc234' }],
    ['jobs+abc234@pools.example.org/x', undefined],
    ['jobs+A@pools.example.org', undefined],
    ['jobs+a+b@pools.example.org', undefined],
    ['jobs+@pools.example.org', undefined],
    ['+abc@pools.example.org', undefined],
    [`jobs@pools.example.org/!${'a'.repeat(27)}`, undefined],
    ['jobs@pools.example.org/!', undefined],
    ['jobs@pools.example.org/!A', undefined],
    ['jobs@pools.example.org/@h', undefined],
    ['jobs@pools.example.org/a@h/', undefined],
    ['jobs@pools.example.org/gr\u00fcn@h', undefined],
  ];
  for (const [to, expected] of cases) {
    it(`reads ${to === '' ? 'nothing' : to}`, () => {
      assert.deepEqual(parseAddress(to, domain), expected);
    });
  }
});

describe('proxyFor', () => {
  it('writes the sender as the resource', () => {
    assert.equal(proxyFor('jobs', domain, 'sensor@h/r'), 'jobs@pools.example.org/sensor@h/r');
    assert.equal(proxyFor('jobs', domain, 'iot.example'), 'jobs@pools.example.org/iot.example');
  });

  it('refuses what a server would rewrite or we would misread', () => {
    const refused = ['~a@h/r', '!a@h/r', 'gr\u00fcn@h/r', 'a@h/\u0007', `a@h/${'r'.repeat(1020)}`, '', 'a@h/'];
    for (const sender of refused) assert.equal(proxyFor('jobs', domain, sender), undefined, sender);
    assert.notEqual(proxyFor('jobs', domain, `a@h/${'r'.repeat(1019)}`), undefined);
  });
});

describe('makeLabel', () => {
  const free = () => false;

  it('keeps what is allowed and replaces the rest', () => {
    assert.equal(makeLabel('Cam_1.front-door', free), 'Cam_1.front-door');
    assert.equal(makeLabel('caf\u00e9 \u{1f600}', free), 'caf---');
    assert.equal(makeLabel('x'.repeat(40), free), 'x'.repeat(32));
    assert.equal(makeLabel('', free), 'worker');
  });

  it('numbers the ones that are taken', () => {
    const taken = new Set<string>();
    for (let n = 0; n < 100; n += 1) taken.add(makeLabel('cam', (label) => taken.has(label)));
    assert.deepEqual([...taken], ['cam', ...Array.from({ length: 99 }, (_, n) => `cam-${n + 2}`)]);
  });

  it('stays within 32 characters', () => {
    const taken = new Set<string>();
    for (let n = 0; n < 20; n += 1) taken.add(makeLabel('y'.repeat(40), (label) => taken.has(label)));
    assert.equal(taken.size, 20);
    for (const label of taken) assert.match(label, /^[A-Za-z0-9._-]{1,32}$/);
  });

  it('is what labelAddress takes', () => {
    assert.deepEqual(parseAddress(labelAddress('jobs', domain, 'a-2'), domain), {
      kind: 'label',
      pool: 'jobs',
      label: 'a-2',
    });
  });
});
