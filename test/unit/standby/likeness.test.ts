import { deepEqual, equal, match } from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { differencesOf } from '../../../src/app/standby/differences.ts';
import { fingerprintOf } from '../../../src/app/standby/fingerprint.ts';
import { Likeness } from '../../../src/app/standby/likeness.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { MadePool } from '../../../src/config/made-pools.ts';
import type { Fingerprint, InstanceView } from '../../../src/store/shared.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { MemoryCluster, type MemoryDatabase } from '../../support/models/memory-database.ts';
import { until } from '../../support/until.ts';

const base = {
  'component.domain': 'pools.example.org',
  'component.secret': 's3cret',
  'component.service': 'xmpp://127.0.0.1:5347',
};

function prints(overrides: Readonly<Record<string, string>>, made: readonly MadePool[] = []): Fingerprint {
  return fingerprintOf(loadConfig({ overrides: { ...base, ...overrides }, made }));
}

/** The configuration of an instance by its sections. */
function print(sections: Readonly<Record<string, string>>): Fingerprint {
  return { digest: JSON.stringify(sections), sections };
}

describe('the fingerprint of a configuration', () => {
  const jobs = { pools: '{"jobs":{"workers":["*@example.org"]}}' };

  it('is the same where only what belongs to one machine differs, or how it is written', () => {
    const one = prints({ pools: '{"jobs":{"workers":["a@example.org"],"replyWindow":"120s"}}' });
    const other = prints({
      pools: '{"jobs":{"replyWindow":"2m","workers":["a@example.org"]}}',
      'component.secret': 'another',
      'component.service': 'xmpp://10.0.0.1:5348',
      'standby.name': 'router-b',
      'log.level': 'debug',
      'limits.memory': '1GiB',
      'http.listen': '127.0.0.1:9999',
    });
    deepEqual(one, other);
  });

  it('is the same in whatever order the pools and their nodes are written', () => {
    const rule = '"workers":["*@example.org"]';
    const node = (options: string): string =>
      `"pubsub":[{"service":"pubsub.example.org","node":"n","options":{${options}}}]`;
    const [one, two] = ['"pubsub#a":"1"', '"pubsub#b":"2"'];
    const first = prints({ pools: `{"a":{${rule},${node(`${one},${two}`)}},"b":{${rule}}}` });
    const second = prints({ pools: `{"b":{${rule}},"a":{${rule},${node(`${two},${one}`)}}}` });
    equal(first.digest, second.digest);
    deepEqual(first, second);
  });

  it('differs by the section that differs', () => {
    const one = prints({ pools: '{"jobs":{"workers":["a@example.org"]},"mail":{"workers":["*@example.org"]}}' });
    const other = prints({
      pools: '{"jobs":{"workers":["b@example.org"]},"night":{"workers":["*@example.org"]}}',
      'access.admins': '["root@example.org"]',
    });
    deepEqual(differencesOf(one.sections, other.sections, false), [
      'access.admins',
      'pools.jobs',
      'pools.mail (only in this instance)',
      'pools.night (not in this instance)',
    ]);
    // Versions may read the same settings differently.
    deepEqual(differencesOf(one.sections, other.sections, true), [
      'pools.mail (only in this instance)',
      'pools.night (not in this instance)',
    ]);
    equal(JSON.stringify(other).includes('root@'), false);
  });

  it('does not have the pools that were made, which all instances have', () => {
    const made = { name: 'night', settings: { workers: ['*@example.org'] }, by: 'root@example.org', at: 0 };
    deepEqual(prints({}, [made]), prints({}));
    equal(prints(jobs).digest === prints({}).digest, false);
  });

  it('names a dozen differences, and says how many more there are', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`pools.p${n}`, 'x']));
    const told = differencesOf(many, {}, false);
    deepEqual([told.length, told.at(-1)], [13, 'and 28 more']);
  });
});

describe('instances that are to be configured alike', () => {
  interface Side {
    readonly database: MemoryDatabase;
    readonly likeness: Likeness;
    readonly lines: () => readonly Readonly<Record<string, unknown>>[];
  }
  let cluster: MemoryCluster;

  beforeEach(() => {
    cluster = new MemoryCluster();
  });

  function side(name: string, own: Fingerprint): Side {
    const stream = new PassThrough();
    const log = createLog({ level: 'debug', format: 'json', component: 'd', version: '1', secrets: [], stream });
    const database = cluster.connect(name);
    const said: Readonly<Record<string, unknown>>[] = [];
    const lines = () => {
      for (const line of String(stream.read() ?? '')
        .trim()
        .split('\n'))
        if (line !== '') said.push(JSON.parse(line));
      return said;
    };
    return { database, likeness: new Likeness(own, database, log), lines };
  }

  async function look(
    { database, likeness }: Side,
    change = (view: InstanceView): InstanceView => view,
  ): Promise<void> {
    const view = await database.beat(undefined, 5_000);
    const instances = view.instances.map(change);
    likeness.look(
      { ...view, instances },
      instances.filter(({ id }) => id !== database.id),
    );
  }

  async function looks(sides: readonly Side[], so: () => boolean): Promise<void> {
    await until(async () => {
      for (const each of sides) await look(each);
      return so();
    }, 'what the instances find');
  }

  it('tell once in what they differ, on both sides, and that they are alike again', async () => {
    const one = side('alpha', print({ 'pools.jobs': 'a', 'pools.mail': 'a' }));
    const two = side('beta', print({ 'pools.jobs': 'b', 'pools.mail': 'a', 'pools.night': 'a' }));
    await looks([one, two], () => one.likeness.texts.length > 0 && two.likeness.texts.length > 0);
    deepEqual(one.likeness.differencesTo(two.database.id), ['pools.jobs', 'pools.night (not in this instance)']);
    deepEqual(two.likeness.differencesTo(one.database.id), ['pools.jobs', 'pools.night (only in this instance)']);
    match(
      one.likeness.texts[0] ?? '',
      /^The configuration of beta \(instance\) is not that of this instance: pools\.jobs, /,
    );
    for (let round = 0; round < 5; round += 1) await looks([one, two], () => true);
    one.likeness.become(print({ 'pools.jobs': 'b', 'pools.mail': 'a', 'pools.night': 'a' }));
    await looks([one, two], () => one.likeness.texts.length === 0 && two.likeness.texts.length === 0);
    for (const { lines } of [one, two]) {
      deepEqual(
        lines().map(({ event, level }) => [event, level]),
        [
          ['configuration-differs', 'warn'],
          ['configuration-alike', 'info'],
        ],
      );
    }
  });

  it('say nothing while they are alike, and ask for nothing that they know', async () => {
    const own = print({ 'pools.jobs': 'a' });
    const one = side('alpha', own);
    const two = side('beta', print({ 'pools.jobs': 'b' }));
    const three = side('gamma', own);
    await looks([one, two, three], () => [one, two, three].every(({ likeness }) => likeness.texts.length > 0));
    const [told, asked] = [one.lines().length, [...one.database.configurationCalls]];
    for (let round = 0; round < 5; round += 1) await looks([one, two, three], () => true);
    deepEqual([one.lines().length, one.database.configurationCalls], [told, asked]);
    equal(told, 1);
  });

  it('wait a while before they ask a database again that did not answer', async () => {
    const asked: number[] = [];
    let now = 0;
    const database = {
      id: 'one',
      describe: () => {
        asked.push(now);
        return Promise.reject(new Error('it is away'));
      },
      sectionsOf: () => Promise.resolve(undefined),
    };
    const stream = new PassThrough();
    const log = createLog({ level: 'error', format: 'json', component: 'd', version: '1', secrets: [], stream });
    const likeness = new Likeness(print({ 'pools.jobs': 'a' }), database, log, () => now);
    const view = await cluster.connect('one').beat(undefined, 5_000);
    const instances = view.instances.map((each) => ({ ...each, id: 'one' }));
    for (now = 0; now <= 21_000; now += 1_000) {
      likeness.look({ ...view, instances }, []);
      await new Promise(setImmediate);
    }
    deepEqual(asked, [0, 10_000, 20_000]);
  });

  it('say nothing of one that has not said what it is configured to do, or is gone', async () => {
    const one = side('alpha', print({ 'pools.jobs': 'a' }));
    const two = side('beta', print({ 'pools.jobs': 'b' }));
    await two.database.beat(undefined, 5_000);
    for (let round = 0; round < 3; round += 1) await looks([one], () => true);
    deepEqual(one.likeness.texts, []);
    await looks([one, two], () => one.likeness.texts.length > 0);
    await two.database.close();
    await looks([one], () => one.likeness.texts.length === 0);
  });

  it('ask nothing where the tables are of an older version', async () => {
    const one = side('alpha', print({ 'pools.jobs': 'a' }));
    for (let round = 0; round < 3; round += 1)
      await look(one, ({ name, id, version, role, beat }) => ({ name, id, version, role, beat }));
    equal(cluster.lease.described.size, 0);
    await look(one);
    await until(() => cluster.lease.described.size === 1, 'it says what it is configured to do');
  });

  it('compare no more than which pools there are while versions differ', async () => {
    const one = side('alpha', print({ 'pools.jobs': 'a' }));
    const two = side('beta', print({ 'pools.jobs': 'b', 'pools.night': 'b' }));
    const older = (view: InstanceView) => (view.id === two.database.id ? { ...view, version: '0' } : view);
    await until(async () => {
      await look(one, older);
      await look(two);
      return one.likeness.texts.length > 0;
    }, 'it finds a difference');
    deepEqual(one.likeness.differencesTo(two.database.id), ['pools.night (not in this instance)']);
  });

  it('wait before they ask again where the database did not answer', async () => {
    const one = side('alpha', print({ 'pools.jobs': 'a' }));
    const view = await one.database.beat(undefined, 5_000);
    cluster.away = true;
    one.likeness.look(view, []);
    await until(() => one.lines().length > 0, 'it has failed');
    cluster.away = false;
    await look(one);
    equal(cluster.lease.described.size, 0);
    deepEqual(
      one.lines().map(({ event, level }) => [event, level]),
      [['configuration-not-compared', 'debug']],
    );
  });
});
