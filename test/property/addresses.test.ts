import assert from 'node:assert/strict';
import fc from 'fast-check';
import { labelAddress, makeLabel, parseAddress, proxyFor } from '../../src/core/address/address.ts';
import { isPlausibleJid, prepareJid } from '../../src/core/address/jid.ts';
import { AccessList, parsePattern } from '../../src/core/pool/rules/access.ts';

const domain = 'pools.example.org';
const name = fc.stringMatching(/^[a-z0-9_.-]{1,12}$/);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ maxLength: 12 }),
);
/** JIDs, nearly JIDs, and anything. */
const anyJid = fc.oneof(
  text,
  fc.tuple(text, text, text).map(([local, host, resource]) => `${local}@${host}/${resource}`),
  fc.tuple(text, name, text).map(([local, host, resource]) => `${local}@${host}/${resource}`),
  fc.tuple(text, name).map(([local, host]) => `${local}@${host}`),
);

describe('JID preparation', () => {
  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyJid, (jid) => {
        const once = prepareJid(jid);
        if (once.ok) assert.deepEqual(prepareJid(once.jid), once);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives what is plausible', () => {
    fc.assert(
      fc.property(anyJid, (jid) => {
        const prepared = prepareJid(jid);
        if (prepared.ok) assert.ok(isPlausibleJid(prepared.jid), prepared.jid);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('addresses of the service', () => {
  it('read back what was written for a sender', () => {
    fc.assert(
      fc.property(name, anyJid, (pool, sender) => {
        const proxy = proxyFor(pool, domain, sender);
        if (proxy !== undefined) assert.deepEqual(parseAddress(proxy, domain), { kind: 'proxy', pool, target: sender });
      }),
      { numRuns: 2000 },
    );
  });

  it('read back what was written for a worker', () => {
    fc.assert(
      fc.property(name, fc.array(text, { maxLength: 8 }), (pool, wishes) => {
        const taken = new Set<string>();
        for (const wish of wishes) {
          const label = makeLabel(wish, (other) => taken.has(other));
          assert.ok(!taken.has(label), label);
          taken.add(label);
          const address = labelAddress(pool, domain, label);
          assert.deepEqual(parseAddress(address, domain), { kind: 'label', pool, label });
        }
      }),
    );
  });

  it('are written as they were read', () => {
    const resource = fc.oneof(
      text,
      text.map((rest) => `~${rest}`),
      name.map((local) => `${local}@h/r`),
    );
    fc.assert(
      fc.property(name, resource, (pool, rest) => {
        const to = `${pool}@${domain}/${rest}`;
        const address = parseAddress(to, domain);
        if (address?.kind === 'proxy') assert.equal(proxyFor(address.pool, domain, address.target), to);
        if (address?.kind === 'label') assert.equal(labelAddress(address.pool, domain, address.label), to);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('access lists', () => {
  const local = fc.constantFrom('a', 'b');
  const host = fc.constantFrom('h', 'i', 'x.h');
  const resource = fc.constantFrom('r', 's', 'a@h');
  const jid = fc
    .tuple(fc.option(local), host, fc.option(resource))
    .map(([l, h, r]) => `${l === null ? '' : `${l}@`}${h}${r === null ? '' : `/${r}`}`);
  const pattern = fc.oneof(
    jid,
    host.map((h) => `*@${h}`),
    host.map((h) => `**@${h}`),
    fc.constant('*'),
  );

  /** One pattern, as the words of the design have it. */
  function matches(one: string, address: string): boolean {
    const bare = address.split('/', 1).join();
    const owner = bare.split('@').at(-1);
    if (one === '*') return true;
    if (one.startsWith('**@')) return owner === one.slice(3);
    if (one.startsWith('*@')) return bare.includes('@') && owner === one.slice(2);
    return one === address || one === bare;
  }

  it('equal a matcher that tries pattern after pattern', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 5 }), jid, (patterns, address) => {
        for (const one of patterns) assert.deepEqual(parsePattern(one), { ok: true, pattern: one });
        const expected = patterns.some((one) => matches(one, address));
        assert.equal(new AccessList(patterns).allows(address), expected);
      }),
      { numRuns: 2000 },
    );
  });
});
