import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Config } from '../../../src/config/config.ts';
import { formatDuration } from '../../../src/config/duration.ts';
import { environmentName } from '../../../src/config/environment.ts';
import { formatPath, type KeyPath } from '../../../src/config/issue.ts';
import { valueAt } from '../../../src/config/layers.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { formatSize } from '../../../src/config/size.ts';
import { algorithmNames, urnOf } from '../../../src/core/select/table.ts';
import type { AlgorithmName } from '../../../src/core/settings.ts';
import { issues, load, refusal } from './fixture.ts';

const names = fc.constantFrom(...algorithmNames());
const spelt = (name: AlgorithmName) => fc.constantFrom(name, urnOf(name));
const duration = (min: number, max: number) => fc.integer({ min, max }).map((it) => formatDuration(it));
const size = (min: number, max: number) => fc.integer({ min, max }).map((it) => formatSize(it));
const account = fc.tuple(fc.stringMatching(/^[a-z0-9._-]{1,12}$/), fc.stringMatching(/^[a-z]{1,8}\.example$/));
const pattern = fc.oneof(
  account.map(([local, domain]) => `${local}@${domain}`),
  account.map(([local, domain]) => `${local}@${domain}/Some resource`),
  account.map(([, domain]) => `*@${domain}`),
  account.map(([, domain]) => `**@${domain}`),
  fc.constant('*'),
);
const patterns = (minLength: number) => fc.array(pattern, { minLength, maxLength: 3 });
const some = { requiredKeys: [] as [] };

const pool = fc
  .tuple(names, fc.subarray([...algorithmNames()]), fc.constantFrom('all', 'mostactive'))
  .chain(([algorithm, others, basic]) => {
    const offer = [...new Set([algorithm, basic, ...others])];
    return fc
      .record({
        workers: patterns(1),
        algorithm: spelt(algorithm),
        offer: fc.tuple(...offer.map(spelt)),
        cmr: fc.record({ set: fc.constantFrom('workers', 'admins', 'nobody'), hints: fc.subarray(offer) }, some),
      })
      .chain((fixed) =>
        fc
          .record(
            {
              name: fc.constant('Jobs \u{1F4E6}'),
              description: fc.constant('"quoted"\n'),
              senders: patterns(1),
              owners: patterns(0),
              join: fc.constantFrom('presence', 'both'),
              memberMessages: fc.constantFrom('reject', 'route'),
              weights: fc.dictionary(pattern, fc.integer({ min: 1, max: 1000 }), { maxKeys: 3 }),
              workWindow: duration(100, 60_000),
              headline: fc.constantFrom('all', 'algorithm', 'reject'),
              fanoutMax: fc.integer({ min: 1, max: 100_000 }),
              replyWindow: duration(60_000, 365 * 86_400_000),
              publish: fc.constantFrom('none', 'counts'),
              plainRetry: fc.constantFrom('bounce', 'none'),
              delivery: fc.constant({ guarantee: 'plain' }),
            },
            some,
          )
          .map((optional) => ({ ...fixed, ...optional })),
      );
  });

const required = fc.record({
  service: fc.constantFrom('xmpp://127.0.0.1:5347', 'xmpp://[::1]:1', 'xmpp://xmpp.example.org:65535'),
  domain: fc.constantFrom('pools.example.org', 'pools.localhost', 'b\u00fccher.test'),
  secret: fc.string({ minLength: 1 }).filter((it) => it.trim() !== ''),
});

/** Configurations that can be used, from nearly empty to nearly full. */
const valid = fc
  .tuple(
    required,
    fc.record(
      {
        reconnect: fc.record({ min: duration(10, 60_000), max: duration(60_000, 86_400_000) }, some),
        handshakeTimeout: duration(100, 300_000),
        keepalive: duration(10_000, 3_600_000),
        pingTimeout: duration(100, 10_000),
        name: fc.constant('W\u00f6rker'),
      },
      some,
    ),
    fc.record(
      {
        pools: fc.dictionary(fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,9}$/), pool, { maxKeys: 3 }),
        access: fc.record({ admins: patterns(0) }, some),
        http: fc.record({ listen: fc.constantFrom('off', '127.0.0.1:0', '[::1]:8600') }, some),
        store: fc.record({ driver: fc.constantFrom('sqlite', 'memory'), file: fc.constant('x.db') }, some),
        log: fc.record(
          { level: fc.constantFrom('debug', 'silent'), format: fc.constantFrom('auto', 'json', 'pretty') },
          some,
        ),
        limits: fc.record({ stanza: size(10_000, 500_000), depth: fc.integer({ min: 8, max: 1000 }) }, some),
        contacts: fc.record(
          { admin: fc.constant(['mailto:a@b.example', 'xmpp:a@b.example']), abuse: fc.constant([]) },
          some,
        ),
        drainTimeout: duration(0, 600_000),
        memberGrace: duration(0, 86_400_000),
      },
      some,
    ),
  )
  .map(([component, link, rest]) => ({ ...rest, component: { ...component, ...link } }));

/** Every place in `tree`, objects and lists included. */
function placesIn(tree: unknown, path: KeyPath = []): readonly KeyPath[] {
  if (typeof tree !== 'object' || tree === null) return [path];
  const below = Object.entries(tree).flatMap(([key, value]) =>
    placesIn(value, [...path, Array.isArray(tree) ? Number(key) : key]),
  );
  return path.length === 0 ? below : [path, ...below];
}

/** A copy of `tree` in which `change` has replaced the members of the object that holds `path`. */
function changed(tree: object, path: KeyPath, change: (holder: object, key: string | number) => void): object {
  const copy: object = structuredClone(tree);
  let holder: object = copy;
  for (const key of path.slice(0, -1)) {
    const next: unknown = Reflect.get(holder, key);
    assert.ok(typeof next === 'object' && next !== null);
    holder = next;
  }
  const last = path.at(-1);
  assert.ok(last !== undefined);
  change(holder, last);
  return copy;
}

/** A configuration and one place in it. */
const withPlace = valid.chain((config) =>
  fc.record({ config: fc.constant(config), path: fc.constantFrom(...placesIn(config)) }),
);

describe('every valid configuration', () => {
  it('loads', () => {
    fc.assert(
      fc.property(valid, (config) => void load(config)),
      { numRuns: 100 },
    );
  });

  it('means the same from the file, the environment and flags', () => {
    fc.assert(
      fc.property(valid, (config) => {
        const texts = Object.entries(config).map(([key, value]): [string, string] => [
          key,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]);
        const env = Object.fromEntries(texts.map(([key, text]) => [environmentName([key]), text]));
        // Relative paths depend on the folder, which differs, and so does the place of the secret.
        const meaning = ({ store: _store, component, ...rest }: Config) => ({ ...rest, ...component, secretFrom: '' });
        const expected = meaning(load(config).config);
        for (const from of [{ env }, { overrides: Object.fromEntries<string>(texts) }]) {
          assert.deepEqual(meaning(loadConfig(from).config), expected);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('tells the source of each value that was written', () => {
    fc.assert(
      fc.property(valid, (config) => {
        const { sources } = load(config);
        const written = sources.filter(({ source }) => source.startsWith('file '));
        for (const { path, value } of written) {
          if (path === 'component.secret') assert.equal(value, '(not shown)');
          else assert.ok(JSON.stringify(config).includes(value));
        }
        assert.equal(new Set(sources.map(({ path }) => path)).size, sources.length);
      }),
      { numRuns: 100 },
    );
  });
});

describe('every single corruption', () => {
  it('of a value gives exactly one issue, at its path', () => {
    fc.assert(
      fc.property(
        withPlace,
        fc.constantFrom<unknown>(null, true, 17.5, -1, { wrong: 1 }),
        ({ config, path }, wrong) => {
          fc.pre(!(isSection(config, path) && typeof wrong === 'object' && wrong !== null));
          const content = changed(config, path, (holder, key) => Reflect.set(holder, key, wrong));
          assert.deepEqual(
            issues(content).map((issue) => issue.path),
            [formatPath(path)],
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of a key gives exactly one issue, with the key that was meant', () => {
    fc.assert(
      fc.property(withPlace, ({ config, path }) => {
        const key = path.at(-1);
        fc.pre(typeof key === 'string' && !isName(path));
        const content = changed(config, path, (holder, name) => {
          Reflect.set(holder, `${String(name)}Q`, Reflect.get(holder, name));
          Reflect.deleteProperty(holder, name);
        });
        const [issue, ...more] = issues(content);
        assert.deepEqual(more, []);
        assert.equal(issue?.path, formatPath([...path.slice(0, -1), `${key}Q`]));
        assert.equal(issue.suggestion, `Write "${key}".`);
      }),
      { numRuns: 150 },
    );
  });
});

/** True when an object stands at `path`: another object there is wrong in its keys, not as a whole. */
function isSection(config: object, path: KeyPath): boolean {
  const value = valueAt(config, path);
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The keys of pools and weights are names, which may be anything. */
function isName(path: KeyPath): boolean {
  return (path[0] === 'pools' && path.length === 2) || (path[2] === 'weights' && path.length === 4);
}

describe('a secret', () => {
  const secret = 'hUnter2-\u00e9!';

  it('never appears when the file is damaged', () => {
    const damage = fc.record({
      at: fc.nat(),
      cut: fc.nat({ max: 2 }),
      put: fc.constantFrom('', '"', "'", ',', ':', '{', '[', ']', '}', ' ', '\n', '/', '\\', 'x', '1'),
    });
    fc.assert(
      fc.property(valid, damage, fc.constantFrom(undefined, 2), (config, { at, cut, put }, space) => {
        const text = JSON.stringify({ ...config, component: { ...config.component, secret } }, undefined, space);
        const place = at % text.length;
        const damaged = text.slice(0, place) + put + text.slice(place + cut);
        fc.pre(damaged.includes(secret));
        let message = '';
        try {
          const { warnings, sources } = load(damaged);
          message = JSON.stringify([warnings, sources]);
        } catch (error) {
          message = error instanceof Error ? error.message : '';
          assert.notEqual(message, '');
        }
        assert.ok(!message.includes(secret), message);
      }),
      { numRuns: 600 },
    );
  });

  it('never appears when it stands where it should not', () => {
    const component = { service: 'xmpp://h:1', domain: 'a.b' };
    const texts: readonly (object | string)[] = [
      { component: { ...component, secret: [secret] } },
      { component: { ...component, secret: { [`x`]: secret } } },
      { component: { ...component, secret: { secret } } },
      { component: { ...component, secert: secret } },
      { component: { ...component, password: secret } },
      { component: secret },
      { component: [secret] },
      { secret },
      { pools: { jobs: { workers: ['a@b'], secret } } },
      JSON.stringify(secret),
      JSON.stringify([secret]),
    ];
    for (const text of texts) assert.ok(!refusal(text).message.includes(secret));
    const environments = [
      { SWITCHYARD_COMPONENT: secret },
      { SWITCHYARD_COMPONENT: JSON.stringify(secret) },
      { SWITCHYARD_COMPONENT: `{"secret": "${secret}"` },
      { SWITCHYARD_COMPONENT__SECERT: secret },
      { SWITCHYARD_SECRET: secret },
    ];
    for (const env of environments) assert.ok(!refusal({}, { env }).message.includes(secret));
    assert.ok(
      !refusal({}, { overrides: { 'component.password': secret, component: secret } }).message.includes(secret),
    );
  });
});
