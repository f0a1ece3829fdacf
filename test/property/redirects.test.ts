import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Element } from 'ltx';
import { validateRedirect } from '../../client/src/redirect.ts';
import { isReserved } from '../../src/core/requests/namespaces.ts';
import { hopsMax, routeOf } from '../../src/core/requests/routes.ts';
import type { PoolSettings } from '../../src/core/settings.ts';
import { serialise } from '../../src/xmpp/codec/serialise.ts';
import { poolSettings, serviceSettings } from '../router/house.ts';
import { parsed } from '../unit/client/fake-server.ts';
import { domain, escapeXml } from './stanza-arbitrary.ts';
import { Wire } from './wire.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 150);
const namespaces = ['urn:example:a', 'urn:example:b', 'urn:example:c', 'vcard-temp', 'urn:xmpp:ping'];
const names = ['p0', 'p1', 'p2', 'p3', 'p4'];
const jids = ['a@far.example/r', 'a@far.example', 'b@far.example/r', 'far.example', 'w@work.example/one'];
const targets = [...names.map((name) => `${name}@${domain}`), ...jids, `p0@${domain}/~one`, domain, `none@${domain}`];

const rule = fc.record({
  namespace: fc.constantFrom(...namespaces),
  to: fc.constantFrom(...targets),
  query: fc.option(
    fc.record({
      namespace: fc.option(fc.constantFrom(...namespaces), { nil: undefined }),
      attributes: fc.dictionary(fc.constantFrom('node', 'v'), fc.string({ maxLength: 5 }), { maxKeys: 2 }),
    }),
    { nil: undefined },
  ),
  understoodBy: fc.subarray(['*@far.example', 'far.example']),
});

const pool = (name: string): fc.Arbitrary<PoolSettings> =>
  fc
    .record({
      mode: fc.constantFrom('redirect', 'redirect', 'redirect', 'proxy', 'reject'),
      namespaces: fc.subarray(['*', ...namespaces], { minLength: 1 }),
      redirects: fc.uniqueArray(rule, { selector: ({ namespace }) => namespace, maxLength: 4 }),
      identity: fc.constantFrom('real' as const, 'alias' as const),
      moved: fc.option(fc.record({ to: fc.constantFrom(...targets), permanent: fc.boolean() }), {
        freq: 4,
        nil: undefined,
      }),
    })
    .map(({ identity, moved, ...requests }) =>
      poolSettings({ name, identity, moved, requests: { ...requests, timeout: 5_000 } }),
    );

const pools: fc.Arbitrary<readonly PoolSettings[]> = fc.tuple(...names.map(pool));

/** So many pools that each redirect to the next, the last of them elsewhere: chance makes few that are long. */
function chain(length: number): [readonly PoolSettings[], string, string] {
  const [namespace = ''] = namespaces;
  const settings = names.map((name, index) => {
    const to = index + 1 < length ? `${names[index + 1]}@${domain}` : 'a@far.example/r';
    const step = { namespace, to, query: undefined, understoodBy: ['*@far.example', 'far.example'] };
    return poolSettings({
      name,
      requests: { mode: 'redirect', namespaces: ['*'], redirects: [step], timeout: 5_000 },
    });
  });
  return [settings, 'p0', namespace];
}

const query = fc.record({
  type: fc.constantFrom('get', 'get', 'get', 'set'),
  from: fc.constantFrom(...jids),
  to: fc.constantFrom(...names.map((name) => `${name}@${domain}`)),
  id: fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom('a', '<', "'", '&', 'é', ' ', '\n') }),
  lang: fc.option(fc.constantFrom('de', 'en-GB'), { nil: undefined }),
  odd: fc.option(fc.constantFrom('', "x'<&"), { nil: undefined }),
  namespace: fc.constantFrom(...namespaces),
});

function childOf(element: Element | undefined, name: string): Element | undefined {
  return element?.getChildElements().find((child) => child.getName() === name);
}

/** The first child, as text. */
function textOf(element: Element): string | undefined {
  return element.getChildElements().map((child) => serialise(child))[0];
}

describe('redirects: what comes out of the router', () => {
  it('is valid by the three rules of JEP-0051, or is none', () => {
    let redirects = 0;
    fc.assert(
      fc.property(pools, fc.array(query, { maxLength: 12 }), (settings, queries) => {
        const wire = new Wire(serviceSettings(settings, { domain }));
        for (const name of names) wire.read(`<presence from='w@work.example/one' to='${name}@${domain}'/>`, 9_999);
        for (const [n, { type, from, to, id: end, lang, odd, namespace }] of queries.entries()) {
          const id = `${n}${end}`;
          const attributes = Object.entries({ type, from, to, id, 'xml:lang': lang, odd })
            .map(([key, value]) => (value === undefined ? '' : ` ${key}='${escapeXml(value)}'`))
            .join('');
          const before = wire.written.length;
          wire.read(`<iq${attributes}><query xmlns='${namespace}' node='1'><x/></query></iq>`, 9_999);
          for (const answer of wire.written.slice(before).filter(({ attrs }) => attrs['type'] === 'error')) {
            const error = childOf(answer, 'error');
            const embedded = childOf(error, 'iq');
            if (embedded === undefined) continue;
            redirects += 1;
            // (a) and (b): both are gets. (c): all attributes but to, and our own domain stamps no from.
            assert.equal(type, 'get');
            const { xmlns, to: target, ...rest } = embedded.attrs;
            const wanted = { type, id, ...(lang && { 'xml:lang': lang }), ...(odd !== undefined && { odd }) };
            assert.deepEqual(rest, wanted);
            assert.equal(xmlns, 'jabber:client');
            assert.equal(error?.attrs['code'], '302');
            // The original comes back, and one query goes on, somewhere else and not to who asks.
            assert.equal(answer.getChildElements()[0]?.getNS(), namespace);
            assert.equal(embedded.getChildElements().length, 1);
            assert.notEqual(target, to);
            assert.notEqual(target, from);
            assert.notEqual(target, from.split('/')[0]);
            // Our own client library goes there.
            const original = parsed(
              `<iq${attributes.replace(/ from='[^']*'/, '')}><query xmlns='${namespace}' node='1'><x/></query></iq>`,
            );
            const verdict = validateRedirect(parsed(serialise(answer)), {
              original,
              requester: from,
              asked: [to],
              domains: [domain, ...jids.map((jid) => jid.replace(/^.*@|\/.*$/g, ''))],
            });
            assert.equal('to' in verdict ? verdict.to : verdict.refused, target);
            const told = childOf(error, 'redirect')?.getText();
            const changed = textOf(embedded) !== textOf(answer);
            assert.ok(told === '' || (told === `xmpp:${target}` && !changed), `${told} ${target}`);
          }
        }
        wire.assertAccounted();
      }),
      { numRuns },
    );
    assert.ok(redirects > numRuns / 10, `${redirects} redirects`);
  });
});

/** Follows redirects as the XML says, by hand and by name, to the first that leads nowhere of ours. */
function walk(settings: readonly PoolSettings[], start: string, namespace: string): string[] {
  const visits: string[] = [];
  let [at, asked] = [start, namespace];
  for (;;) {
    const found = settings.find(({ name }) => `${name}@${domain}` === at);
    if (found === undefined || visits.includes(`${at} ${asked}`)) return [...visits, at];
    visits.push(`${at} ${asked}`);
    const { moved, requests } = found;
    const listed = requests.namespaces.includes('*') || requests.namespaces.includes(asked);
    if (moved !== undefined) at = moved.to;
    else if (requests.mode !== 'redirect' || !listed || isReserved(asked)) return visits;
    else {
      const step = requests.redirects.find((each) => each.namespace === asked);
      if (step === undefined) return [...visits, 'worker'];
      at = step.to;
      asked = step.query?.namespace ?? asked;
    }
  }
}

describe('redirects: routes through the configuration', () => {
  it('are as long as who follows them finds them', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(pools, fc.constantFrom(...names), fc.constantFrom(...namespaces), (settings, name, namespace) => {
        const places = new Map(settings.map((each) => [each.name, each]));
        const { hops, end } = routeOf(name, namespace, places, domain);
        const visits = walk(settings, `${name}@${domain}`, namespace);
        seen.add(end);
        if (end === 'loop') return;
        assert.equal(hops, visits.length - 1);
        assert.equal(end === 'too-long', hops > hopsMax);
        if (end === 'worker') assert.equal(visits.at(-1), 'worker');
        if (end === 'elsewhere') assert.ok(jids.includes(visits.at(-1) ?? ''), visits.at(-1));
      }),
      { numRuns: 2_000, examples: [chain(4)] },
    );
    assert.deepEqual([...seen].sort(), ['elsewhere', 'loop', 'pool', 'refused', 'too-long', 'worker']);
  });

  it('are at most three redirects for a client that follows them, where the configuration is taken', () => {
    const lengths = new Set<number>();
    fc.assert(
      fc.property(pools, fc.constantFrom(...names), fc.constantFrom(...namespaces), (settings, name, namespace) => {
        const places = new Map(settings.map((each) => [each.name, each]));
        fc.pre(!['loop', 'too-long'].includes(routeOf(name, namespace, places, domain).end));
        const wire = new Wire(serviceSettings(settings, { domain }));
        for (const each of names) wire.read(`<presence from='w@work.example/one' to='${each}@${domain}'/>`, 9_999);
        let hops = 0;
        let sent = `<iq type='get' from='far.example' id='q0' to='${name}@${domain}'><q xmlns='${namespace}'/></iq>`;
        for (; sent !== ''; hops += 1) {
          assert.ok(hops <= hopsMax, 'a fourth redirect');
          const before = wire.written.length;
          wire.read(sent, 9_999);
          const answer = wire.written.slice(before).find(({ attrs }) => attrs['to'] === 'far.example');
          const embedded = answer === undefined ? undefined : childOf(childOf(answer, 'error'), 'iq');
          const to = embedded?.attrs['to'] ?? '';
          const query = embedded === undefined ? '' : (textOf(embedded) ?? '');
          // Each try has an id of its own here, so that no answer looks like a second one.
          const head = `<iq type='get' from='far.example' id='q${hops + 1}' to='${to}'>`;
          sent = embedded !== undefined && to.endsWith(domain) ? `${head}${query}</iq>` : '';
        }
        lengths.add(hops);
      }),
      { numRuns: 5 * numRuns, examples: [chain(3)] },
    );
    assert.ok(lengths.has(3), [...lengths].join());
  });

  it('may have three redirects, and not four', () => {
    const chain = (length: number): ReadonlyMap<string, PoolSettings> =>
      new Map(
        Array.from({ length }, (_, n) => {
          const next = n + 1 === length ? 'a@far.example' : `p${n + 1}@${domain}`;
          const redirects = [{ namespace: 'urn:a', to: next, query: undefined, understoodBy: [] }];
          const requests = { mode: 'redirect', namespaces: ['urn:a'], timeout: 1, redirects } as const;
          return [`p${n}`, poolSettings({ name: `p${n}`, requests })] as const;
        }),
      );
    assert.deepEqual(routeOf('p0', 'urn:a', chain(3), domain), { hops: 3, end: 'elsewhere' });
    assert.deepEqual(routeOf('p0', 'urn:a', chain(4), domain), { hops: 4, end: 'too-long' });
    const proxy = poolSettings({ requests: { mode: 'proxy', namespaces: ['urn:a'], timeout: 1, redirects: [] } });
    const ending = (length: number, last: PoolSettings): ReadonlyMap<string, PoolSettings> =>
      new Map([...chain(length)].map(([name, each], n) => [name, n + 1 === length ? last : each]));
    assert.deepEqual(routeOf('p0', 'urn:a', ending(4, proxy), domain), { hops: 3, end: 'pool' });
    assert.deepEqual(routeOf('p0', 'urn:a', ending(5, proxy), domain), { hops: 4, end: 'too-long' });
    assert.deepEqual(routeOf('p0', 'urn:a', ending(5, poolSettings()), domain), { hops: 4, end: 'too-long' });
  });
});
