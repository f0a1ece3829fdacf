import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { environmentName } from '../../../src/config/environment.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { lines, load, minimal, withComponent, withPool } from './fixture.ts';

/** Issues that this environment adds to a file without any. */
function wrong(env: Readonly<Record<string, string>>, file: object = minimal): readonly string[] {
  return lines(file, { env });
}

describe('the environment', () => {
  it('alone can hold the whole configuration', () => {
    const { config } = loadConfig({
      env: {
        PATH: '/bin',
        SWITCHYARD_COMPONENT__SERVICE: 'xmpp://[2001:DB8::1]:5275',
        SWITCHYARD_COMPONENT__DOMAIN: 'Pools.Example.ORG.',
        SWITCHYARD_COMPONENT__SECRET: '{"not": json',
        SWITCHYARD_POOLS__JOBS__WORKERS: '["Worker@Example.org/Büro"]',
        SWITCHYARD_POOLS__JOBS__WEIGHTS: '{"worker@example.org": 5}',
        SWITCHYARD_POOLS__JOBS__FANOUT_MAX: '7',
        SWITCHYARD_POOLS__JOBS__CMR__SET: 'nobody',
        SWITCHYARD_LOG__LEVEL: 'debug',
      },
    });
    assert.deepEqual(config.component.service, { url: 'xmpp://[2001:DB8::1]:5275', host: '2001:DB8::1', port: 5275 });
    assert.equal(config.component.domain, 'pools.example.org');
    assert.equal(config.component.secret, '{"not": json');
    assert.equal(config.log.level, 'debug');
    const [pool] = config.service.pools;
    assert.equal(pool?.name, 'jobs');
    assert.deepEqual(pool?.workers, ['worker@example.org/Büro']);
    assert.deepEqual(pool?.weights, { 'worker@example.org': 5 });
    assert.equal(pool?.fanoutMax, 7);
    assert.equal(pool?.cmrSet, 'nobody');
  });

  it('ignores case, and _ inside a key', () => {
    for (const name of ['SWITCHYARD_DRAIN_TIMEOUT', 'SWITCHYARD_DRAINTIMEOUT', 'switchyard_drainTimeout']) {
      assert.equal(load(minimal, { env: { [name]: '7s' } }).config.drainTimeout, 7000);
    }
  });

  it('wins over the file and loses to flags', () => {
    const file = { ...minimal, log: { level: 'error', format: 'json' } };
    const env = { SWITCHYARD_LOG__LEVEL: 'warn', SWITCHYARD_DRAIN_TIMEOUT: '1s' };
    const { config } = load(file, { env, overrides: { 'log.level': 'debug', memberGrace: '1m' } });
    assert.deepEqual(config.log, { level: 'debug', format: 'json' });
    assert.equal(config.drainTimeout, 1000);
    assert.equal(config.service.memberGrace, 60_000);
  });

  it('replaces lists and maps whole, then single values in them', () => {
    const env = {
      SWITCHYARD_POOLS__B__ALGORITHM: 'all',
      SWITCHYARD_POOLS: '{"a": {"workers": ["a@b"]}, "b": {"workers": ["b@b"]}}',
    };
    const { pools } = load(minimal, { env }).config.service;
    assert.deepEqual(
      pools.map(({ name, workers, algorithm }) => [name, workers, algorithm]),
      [
        ['a', ['a@b'], 'roundrobin'],
        ['b', ['b@b'], 'all'],
      ],
    );
  });

  it('means the pool of the file whose name it can spell', () => {
    const file = { ...minimal, pools: { 'my-jobs.eu': { workers: ['a@b'] } } };
    const { pools } = load(file, { env: { SWITCHYARD_POOLS__MY_JOBS_EU__ALGORITHM: 'all' } }).config.service;
    assert.deepEqual(
      pools.map(({ name, algorithm }) => [name, algorithm]),
      [['my-jobs.eu', 'all']],
    );
  });

  it('is refused when it could mean two pools', () => {
    const file = { ...minimal, pools: { 'a-b': { workers: ['a@b'] }, 'a.b': { workers: ['a@b'] } } };
    assert.deepEqual(wrong({ SWITCHYARD_POOLS__A_B__ALGORITHM: 'all' }, file), [
      ' | this variable | It fits pools.a-b and pools["a.b"]. | Set this in the file. | environment SWITCHYARD_POOLS__A_B__ALGORITHM',
    ]);
  });

  it('is refused when a variable means nothing', () => {
    assert.deepEqual(
      wrong({ SWITCHYARD_COMPONENT__SECERT: 'x', SWITCHYARD_LOG__COLOUR: '1', SWITCHYARD_LOG__LEVEL__X: '1' }),
      [
        ' | this variable | There is no setting of this name. | Write SWITCHYARD_COMPONENT__SECRET. | environment SWITCHYARD_COMPONENT__SECERT',
        ' | this variable | There is no setting of this name. | Remove it, or write one of SWITCHYARD_LOG__LEVEL, SWITCHYARD_LOG__FORMAT. | environment SWITCHYARD_LOG__COLOUR',
        ' | this variable | There is no setting of this name. | Set SWITCHYARD_LOG__LEVEL; there is nothing below it. | environment SWITCHYARD_LOG__LEVEL__X',
      ],
    );
  });

  describe('with links to a service, as Kubernetes makes them', () => {
    const links = {
      SWITCHYARD_SERVICE_HOST: '10.96.0.7',
      SWITCHYARD_SERVICE_PORT: '8600',
      SWITCHYARD_SERVICE_PORT_HTTP: '8600',
      SWITCHYARD_PORT: 'tcp://10.96.0.7:8600',
      SWITCHYARD_PORT_8600_TCP: 'tcp://10.96.0.7:8600',
      SWITCHYARD_PORT_8600_TCP_PROTO: 'tcp',
      SWITCHYARD_PORT_8600_TCP_PORT: '8600',
      SWITCHYARD_PORT_8600_TCP_ADDR: '10.96.0.7',
      SWITCHYARD_HTTP_METRICS_SERVICE_HOST: 'fd00::1',
      SWITCHYARD_HTTP_METRICS_PORT: 'udp://[fd00::1]:53',
      SWITCHYARD_HTTP_METRICS_PORT_53_UDP: 'udp://[fd00::1]:53',
    };

    it('takes the settings, and tells all links in one warning', () => {
      const { config, warnings } = load(minimal, { env: { ...links, SWITCHYARD_DRAIN_TIMEOUT: '7s' } });
      assert.equal(config.drainTimeout, 7000);
      assert.equal(warnings.length, 1);
      const [warning] = warnings;
      assert.equal(warning?.found, 'SWITCHYARD_HTTP_METRICS_PORT and 10 more');
      assert.match(warning?.problem ?? '', /no setting, and ignored/);
      assert.deepEqual(load(minimal, { env: { PATH: '/bin' } }).warnings, []);
    });

    it('takes a name that is like theirs for a mistake, where no platform made it', () => {
      const lone = ['SWITCHYARD_SERVICE_HOST', 'SWITCHYARD_PORT_8600_TCP_ADDR', 'SWITCHYARD_SERVICE_PORT'];
      for (const name of lone) assert.match(wrong({ [name]: '10.0.0.1' })[0] ?? '', /There is no setting of this name/);
      assert.equal(wrong({ SWITCHYARD_PORT: '8600', SWITCHYARD_SERVICE_HOST: '10.0.0.1' }).length, 2);
      assert.equal(wrong({ ...links, SWITCHYARD_HTTP_PORT: '8600' }).length, 1);
      assert.equal(wrong({ ...links, SWITCHYARD_PORT_HTTP: '8600' }).length, 1);
    });

    it('finds the mistakes beside them, with what was meant', () => {
      const env = { ...links, SWITCHYARD_COMPONENT__SERVCE: 'x', SWITCHYARD_DRAIN_TIMEOT: '1s' };
      assert.deepEqual(
        wrong(env).map((line) => line.split(' | ')[3]),
        ['Write SWITCHYARD_DRAIN_TIMEOUT.', 'Write SWITCHYARD_COMPONENT__SERVICE.'],
      );
    });
  });

  it('is refused when two variables set one key', () => {
    assert.deepEqual(wrong({ SWITCHYARD_DRAINTIMEOUT: '1s', SWITCHYARD_DRAIN_TIMEOUT: '2s' }), [
      'drainTimeout | a second variable for the same key | SWITCHYARD_DRAINTIMEOUT sets it too. | Remove one of the two. | environment SWITCHYARD_DRAIN_TIMEOUT',
    ]);
  });

  it('is refused when a list or map is no JSON', () => {
    assert.deepEqual(wrong({ SWITCHYARD_POOLS__JOBS__WORKERS: 'a@b', SWITCHYARD_LOG: '{"level": "info",}' }), [
      'log | a text (not shown) | This is no JSON. At character 18: A comma before } is not allowed in JSON. | Write an object, such as {"key": "value"}. | environment SWITCHYARD_LOG',
      'pools.jobs.workers | a text (not shown) | This is no JSON. At character 1: Expected a value, found a letter or digit. | Write a list, such as ["a", "b"]. | environment SWITCHYARD_POOLS__JOBS__WORKERS',
    ]);
  });

  it('is refused when its JSON has a key twice', () => {
    assert.deepEqual(wrong({ SWITCHYARD_LOG: '{"level": "info", "level": "warn"}' }), [
      'log.level | the key a second time | It stands in this JSON already. | Remove one of the two. | environment SWITCHYARD_LOG',
    ]);
  });

  it('is named where a value of it is wrong', () => {
    assert.deepEqual(wrong({ SWITCHYARD_POOLS__JOBS__FANOUT_MAX: 'many', SWITCHYARD_POOLS__NEW__NAME: 'New' }), [
      'pools.jobs.fanoutMax | "many" | This is not a whole number from 1 to 100000. | Write a whole number from 1 to 100000, such as 1000. | environment SWITCHYARD_POOLS__JOBS__FANOUT_MAX',
      'pools.new.workers | nothing | This key is required. | Write a list of access patterns, such as ["worker@example.org"]. | environment SWITCHYARD_POOLS__NEW__NAME',
    ]);
  });

  it('with a secret takes the place of either key of the file', () => {
    const file = withComponent({ secret: undefined, secretFile: 'missing' });
    assert.equal(load(file, { env: { SWITCHYARD_COMPONENT__SECRET: 'x' } }).config.component.secret, 'x');
    const env = { SWITCHYARD_COMPONENT__SECRET_FILE: 'missing' };
    assert.match(wrong(env)[0] ?? '', /^component\.secretFile \| "missing" \| There is no such file\./);
  });

  it('cannot hold both a secret and its file', () => {
    const env = { SWITCHYARD_COMPONENT__SECRET: 'x', SWITCHYARD_COMPONENT__SECRET_FILE: 'y' };
    assert.deepEqual(wrong(env), [
      'component.secretFile | "y" | There are both "secret" and "secretFile". | Remove one of the two. | environment SWITCHYARD_COMPONENT__SECRET_FILE',
    ]);
  });

  it('has a name for every key', () => {
    assert.equal(environmentName(['component', 'secretFile']), 'SWITCHYARD_COMPONENT__SECRET_FILE');
    assert.equal(environmentName(['pools', 'NAME', 'cmr', 'set']), 'SWITCHYARD_POOLS__NAME__CMR__SET');
  });
});

describe('a flag', () => {
  it('reaches a pool whose name has dots', () => {
    const file = { ...minimal, pools: { 'a.b': { workers: ['a@b'] } } };
    const { pools } = load(file, { overrides: { 'pools.a.b.algorithm': 'all', 'pools.c.workers': '["c@b"]' } }).config
      .service;
    assert.deepEqual(
      pools.map(({ name, algorithm }) => [name, algorithm]),
      [
        ['a.b', 'all'],
        ['c', 'roundrobin'],
      ],
    );
  });

  it('is refused like any other source', () => {
    assert.deepEqual(lines(withPool({}), { overrides: { 'log.level': 'loud', 'log.colour': '1' } }), [
      'log.colour | the key "colour" | There is no such key. | Remove it. The keys here are level, format. | flag',
      'log.level | "loud" | This is none of the possible values. | Write "trace", "debug", "info", "warn", "error", "fatal" or "silent". | flag',
    ]);
  });
});
