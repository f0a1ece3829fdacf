import { deepEqual, doesNotMatch, equal } from 'node:assert/strict';
import { freePorts } from '../support/free-ports.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { skip } from '../support/skip.ts';
import { until } from '../support/until.ts';

const domain = 'pools.localhost';

/** Something that is wrong with the database, and how it is mended. */
interface Fault {
  readonly name: string;
  readonly text: RegExp;
  readonly begin: (cluster: Postgres) => Promise<unknown>;
  readonly end: (cluster: Postgres) => Promise<unknown>;
}

const inSwitchyard = (begin: string, end: string): Pick<Fault, 'begin' | 'end'> => ({
  begin: (cluster) => cluster.sql(begin, 'switchyard'),
  end: (cluster) => cluster.sql(end, 'switchyard'),
});

const faults: readonly Fault[] = [
  {
    name: 'cannot be reached',
    text: /the database cannot be reached/,
    begin: (cluster) => cluster.stop(),
    end: (cluster) => cluster.start(),
  },
  {
    name: 'has another password',
    text: /does not accept the role or its password/,
    ...inSwitchyard("alter role switchyard password 'sesame-new'", "alter role switchyard password 'sesame-old'"),
  },
  {
    name: 'takes no more connections',
    text: /takes no more connections/,
    ...inSwitchyard('alter role switchyard connection limit 0', 'alter role switchyard connection limit -1'),
  },
  {
    name: 'takes no rights of ours',
    text: /the role lacks a right/,
    ...inSwitchyard('alter schema switchyard owner to postgres', 'alter schema switchyard owner to switchyard'),
  },
  {
    name: 'is read-only',
    text: /its transactions are read-only/,
    ...inSwitchyard(
      'alter role switchyard set default_transaction_read_only = on',
      'alter role switchyard reset default_transaction_read_only',
    ),
  },
  {
    name: 'may lose what it confirms',
    text: /synchronous_commit is off.*allowUnsafe/,
    ...inSwitchyard(
      'alter role switchyard set synchronous_commit = off',
      'alter role switchyard reset synchronous_commit',
    ),
  },
  {
    name: 'is of a newer version',
    text: /written by a newer Switchyard \(migration 9999_later\.sql\)/,
    ...inSwitchyard(
      "insert into switchyard.migration select max(number) + 1, '9999_later.sql', 'x' from switchyard.migration",
      "delete from switchyard.migration where name = '9999_later.sql'",
    ),
  },
  {
    name: 'is of another deployment',
    text: /of another deployment, that of other\.example\.org/,
    ...inSwitchyard(
      "update switchyard.deployment set domain = 'other.example.org'",
      `update switchyard.deployment set domain = '${domain}'`,
    ),
  },
];

describe('a router whose PostgreSQL', () => {
  let cluster: Postgres;
  let router: RouterProcess;

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres({ login: 'scram-sha-256' });
    await cluster.createRole('switchyard', 'sesame-old');
    await cluster.createDatabase('switchyard', 'switchyard');
    const [nobody = 0] = await freePorts(1);
    router = prepareRouter({
      componentPort: nobody,
      domain,
      secret: 's3cret',
      pools: { jobs: { workers: ['*@localhost'] } },
      config: {
        store: { driver: 'postgres', url: cluster.url('switchyard', 'switchyard'), password: 'sesame-old' },
        standby: { lease: '1s', name: 'alpha' },
      },
    });
    await router.start('listening');
    await untilReasons((codes) => codes === 'link');
  });

  after(async () => {
    await router?.remove();
    await cluster?.remove();
  });

  /** Codes and texts of why it is not ready; no server is there, so `link` is one of them while it is active. */
  async function reasons(): Promise<readonly { readonly code: string; readonly text: string }[]> {
    const { body } = await router.get('/readyz');
    return (JSON.parse(body) as { reasons: { code: string; text: string }[] }).reasons;
  }

  async function untilReasons(so: (codes: string, texts: string) => boolean): Promise<void> {
    let last = '';
    await until(
      async () => {
        const found = await reasons();
        last = JSON.stringify(found);
        return so(
          found.map(({ code }) => code.replace(/^link-.*/, 'link')).join(),
          found.map(({ text }) => text).join(' '),
        );
      },
      () =>
        `${last}\n${router.log
          .slice(-8)
          .map((line) => JSON.stringify(line))
          .join('\n')}`,
    );
  }

  for (const { name, text, begin, end } of faults) {
    it(`${name}: says so, lives, and goes on when that is mended`, async () => {
      const before = router.log.length;
      await begin(cluster);
      const running = cluster.pid !== undefined;
      const sessions = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'switchyard'";
      if (running) await cluster.sql(sessions);
      await untilReasons((codes, texts) => codes.includes('store-failed') && text.test(texts));
      equal((await router.get('/healthz')).status, 200);
      const told = () =>
        router.log.slice(before).filter(({ msg, event }) => event !== undefined && text.test(String(msg)));
      await until(
        () => told().length > 0,
        () =>
          router.log
            .slice(before)
            .map((line) => JSON.stringify(line))
            .join('\n'),
      );
      await end(cluster);
      await untilReasons((codes) => codes === 'link');
      // Once, and again when it says something else: a server that ends and begins has several reasons.
      const texts = told().map(({ msg }) => msg);
      deepEqual(
        texts.filter((said, index) => said === texts[index - 1]),
        [],
      );
    });
  }

  it('never has its password in a log', () => {
    doesNotMatch(JSON.stringify(router.log), /sesame/);
  });
});
