import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { loadAgain } from '../../../src/app/load.ts';
import { MadeBook } from '../../../src/app/reload/made-book.ts';
import { PoolMaker } from '../../../src/app/reload/pool-maker.ts';
import { Reloads } from '../../../src/app/reload/reloads.ts';
import type { LoadedConfig } from '../../../src/config/load.ts';
import type { CommandEnd } from '../../../src/core/commands/command.ts';
import type { Change } from '../../../src/core/durable-state.ts';
import { openStore } from '../../../src/store/open.ts';
import type { Store } from '../../../src/store/store.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { minimal } from '../config/fixture.ts';

const admin = 'admin@example.org';
const night = { workers: ['night@example.org'] };

/** A process that runs, without a router: what it was told to go on with is kept. */
class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'switchyard-made-'));
  readonly file = join(this.folder, 'c.json');
  readonly #log = new PassThrough();
  store: Store | undefined;
  book = new MadeBook();
  reloads: Reloads | undefined;
  maker: PoolMaker | undefined;
  applied: LoadedConfig[] = [];
  /** What the next commits meet. */
  failure: Error | undefined;
  /** Runs while a commit is under way. */
  meanwhile: () => void = () => undefined;

  write(config: object): void {
    writeFileSync(this.file, JSON.stringify(config), { mode: 0o600 });
  }

  /** Starts as a process does that finds what is stored. */
  async start(): Promise<void> {
    this.store ??= await openStore({ driver: 'memory' });
    const { store } = this;
    const request = { file: this.file, settings: [] };
    const loaded = loadAgain(request);
    const log = createLog({
      level: 'info',
      format: 'json',
      component: 'd',
      version: '1',
      secrets: [],
      stream: this.#log,
    });
    this.book = new MadeBook();
    this.reloads = new Reloads(request, loaded, this.book, log);
    this.maker = new PoolMaker(this.book, this.reloads);
    const commit = (change: Change, done?: (error: Error | undefined) => void): void => {
      this.meanwhile();
      if (this.failure === undefined) store.commit(change, done);
      else done?.(this.failure);
    };
    this.book.open({ commit }, (await store.load()).made);
    const whole = loaded.withMade(this.book.all());
    this.book.adopt(whole.taken, log);
    this.applied = [];
    this.reloads.begin({
      http: undefined,
      loaded: whole,
      apply: (next) => this.applied.push(next),
      countReload: () => undefined,
      stepDown: () => ({ done: {} }),
      stop: () => Promise.resolve(),
    });
  }

  make(name: string, settings: Readonly<Record<string, unknown>>): Promise<CommandEnd> {
    return this.maker?.make(name, settings, admin, 1_800_000_000_000) ?? Promise.reject(new Error('not started'));
  }

  pools(): readonly string[] {
    return (this.reloads?.current.config.service.pools ?? []).map(({ name }) => name);
  }

  async stored(): Promise<readonly string[]> {
    return ((await this.store?.load())?.made ?? []).map(({ pool }) => pool);
  }

  events(): readonly unknown[] {
    return String(this.#log.read() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).event);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function refusalOf(end: CommandEnd): readonly [string, string | undefined, string] {
  ok('refused' in end, JSON.stringify(end));
  return [end.refused, end.field, end.text ?? ''];
}

describe('pools that are made', () => {
  let site: Site;

  beforeEach(async () => {
    site = new Site();
    site.write(minimal);
    await site.start();
  });
  afterEach(() => site.remove());

  it('open at once, with the defaults of the configuration, and are there after a restart', async () => {
    deepEqual(await site.make('Night', { ...night, delivery: { guarantee: 'at-least-once' } }), {
      done: {
        pool: 'night',
        address: 'night@pools.example.org',
        text: 'The pool night@pools.example.org is open.',
      },
    });
    deepEqual(site.pools(), ['jobs', 'night']);
    equal(site.applied.length, 1);
    deepEqual(site.events(), ['reload-change']);
    await site.start();
    deepEqual(site.pools(), ['jobs', 'night']);
    const [, made] = site.reloads?.current.config.service.pools ?? [];
    deepEqual(
      [made?.algorithm, made?.delivery.guarantee, made?.workers],
      ['roundrobin', 'at-least-once', ['night@example.org']],
    );
    const sources = site.reloads?.current.sources.filter(({ path }) => path === 'pools.night.workers');
    deepEqual(
      sources?.map(({ source }) => source),
      [`made by ${admin}, 2027-01-15T08:00:00.000Z`],
    );
  });

  it('are refused by the rules of the file, each with the field that is to blame', async () => {
    const refused = async (settings: object, name = 'night'): Promise<unknown> => {
      const [code, field, text] = refusalOf(await site.make(name, { ...night, ...settings }));
      equal(code, 'command-input');
      match(text, /\.$/);
      return field;
    };
    equal(await refused({ delivery: { ackTimeout: 'soon' } }), 'ackTimeout');
    equal(await refused({ delivery: { queue: { maxMessages: 0 } } }), 'maxMessages');
    equal(await refused({ workers: ['*x@y'] }), 'workers');
    equal(await refused({ workers: [] }), 'workers');
    equal(await refused({ offer: ['weighted'] }), 'offer');
    equal(await refused({ weights: { 'a@b': 0 } }), 'weights');
    equal(await refused({ rate: { perSender: 'fast' } }), 'settings');
    equal(await refused({ nonsense: 1 }), 'settings');
    equal(await refused({ ['__proto__']: { x: 1 }, ...JSON.parse('{"__proto__": 1}') }), 'settings');
    equal(await refused({}, 'a b'), 'name');
    equal(await refused({}, 'a+b'), 'name');
    equal(await refused({ delivery: { guarantee: 'at-least-once', ackTimeout: '1h', ttl: '1m' } }), 'ttl');
    deepEqual(site.applied, []);
    deepEqual(await site.stored(), []);
  });

  it('are refused under a name that is taken, however it is written', async () => {
    deepEqual(refusalOf(await site.make('JOBS', night)).slice(0, 2), ['pool-exists', 'name']);
    await site.make('night', night);
    deepEqual(refusalOf(await site.make('night', night)).slice(0, 2), ['pool-exists', 'name']);
    const both = await Promise.all([site.make('twice', night), site.make('twice', night)]);
    deepEqual(
      both.map((end) => 'done' in end),
      [true, false],
    );
  });

  it('are a thousand at most', async () => {
    const made = Array.from({ length: 1_000 }, (_, index) => {
      return { pool: `p${index}`, settings: JSON.stringify(night), by: admin, at: 1 };
    });
    for (const pool of made) site.store?.commit({ op: 'put-pool', ...pool });
    await site.start();
    deepEqual(refusalOf(await site.make('night', night))[0], 'command-busy');
  });

  it('are changed and deleted, and those of the file are not', async () => {
    await site.make('night', night);
    const changed = await site.maker?.change('night', { ...night, algorithm: 'weighted' }, 'other', 5);
    deepEqual(changed, {
      done: {
        pool: 'night',
        changes: [{ path: 'pools.night.algorithm', text: 'pools.night.algorithm: "roundrobin" -> "weighted"' }],
        text: 'Done.',
      },
    });
    deepEqual(site.maker?.find('night'), {
      name: 'night',
      settings: { ...night, algorithm: 'weighted' },
      by: 'other',
      at: 5,
    });
    equal(site.maker?.find('jobs'), undefined);
    deepEqual(refusalOf((await site.maker?.change('jobs', night, admin, 6)) ?? { done: {} })[0], 'command-target');
    deepEqual(refusalOf((await site.maker?.remove('jobs')) ?? { done: {} })[0], 'command-target');
    deepEqual(await site.maker?.remove('night'), { done: { pool: 'night', text: 'The pool night is closed.' } });
    deepEqual([site.pools(), await site.stored()], [['jobs'], []]);
  });

  it('change nothing where the store fails', async () => {
    await site.make('night', night);
    site.failure = new Error('no room');
    const before = site.pools();
    deepEqual(refusalOf(await site.make('day', night)).slice(0, 2), ['store-failed', undefined]);
    deepEqual(refusalOf((await site.maker?.remove('night')) ?? { done: {} })[0], 'store-failed');
    deepEqual(
      refusalOf((await site.maker?.change('night', { workers: ['*'] }, admin, 1)) ?? { done: {} })[0],
      'store-failed',
    );
    deepEqual([site.pools(), site.applied.length, site.maker?.find('night')?.settings], [before, 1, night]);
  });

  it('take nothing from a file that was changed and not reloaded', async () => {
    site.write({ ...minimal, pools: { ...minimal.pools, other: night } });
    await site.make('night', night);
    deepEqual(site.pools(), ['jobs', 'night']);
    site.write({ nonsense: true });
    await site.make('day', night);
    deepEqual(site.pools(), ['jobs', 'night', 'day']);
  });

  it('stay over a reload of the file, which wins where it has the name', async () => {
    await site.make('night', night);
    await site.make('day', night);
    site.write({ ...minimal, pools: { ...minimal.pools, Night: { workers: ['file@example.org'] } } });
    const end = site.reloads?.ask();
    ok(end !== undefined && 'done' in end, JSON.stringify(end));
    deepEqual(new Set(site.pools()), new Set(['jobs', 'night', 'day']));
    const pool = site.reloads?.current.config.service.pools.find(({ name }) => name === 'night');
    deepEqual(pool?.workers, ['file@example.org']);
    ok(site.events().includes('pool-adopted'));
    await site.store?.flush();
    deepEqual([await site.stored(), site.maker?.find('night')], [['day'], undefined]);
    site.write(minimal);
    await site.start();
    deepEqual(site.pools(), ['jobs', 'day']);
  });

  it('are adopted at a start too', async () => {
    await site.make('night', night);
    site.write({ ...minimal, pools: { ...minimal.pools, night: { workers: ['file@example.org'] } } });
    await site.start();
    await site.store?.flush();
    deepEqual(await site.stored(), []);
  });

  it('keep a file from being reloaded that contradicts them', async () => {
    await site.make('night', { ...night, delivery: { guarantee: 'at-least-once', queue: { maxBytes: '1MiB' } } });
    const before = site.pools();
    site.write({ ...minimal, limits: { stanza: '8MiB' } });
    const [code, , text] = refusalOf(site.reloads?.ask() ?? { done: {} });
    equal(code, 'reload-refused');
    match(text, /pools\.night\.delivery\.queue\.maxBytes \(made by admin@example\.org, /);
    deepEqual(site.pools(), before);
  });

  it('are put back where a reload has come in between that they contradict', async () => {
    site.meanwhile = () => {
      site.meanwhile = () => undefined;
      site.write({ ...minimal, pools: { ...minimal.pools, night: { workers: ['file@example.org'] } } });
      site.reloads?.ask();
    };
    deepEqual(refusalOf(await site.make('night', night)).slice(0, 2), ['pool-exists', 'name']);
    deepEqual(await site.stored(), []);
  });

  it('are refused once the process ends', async () => {
    site.reloads?.end();
    deepEqual(refusalOf(await site.make('night', night))[0], 'shutting-down');
    deepEqual(refusalOf(site.reloads?.ask() ?? { done: {} })[0], 'shutting-down');
  });
});
