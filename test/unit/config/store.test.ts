import { deepEqual, doesNotMatch, equal, ok } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDatabaseUrl } from '../../../src/config/database-url.ts';
import { explain } from '../../../src/config/explain.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { inFolder, lines, load, minimal, refusal, warnings } from './fixture.ts';

const url = 'postgresql://switchyard@localhost/switchyard';

function withStore(store: object): object {
  return { ...minimal, store: { driver: 'postgres', url, ...store } };
}

describe('the URL of a PostgreSQL', () => {
  const usual = { user: 'u', database: 'd', tls: 'prefer', authorities: undefined, applicationName: 'switchyard' };
  const good: readonly [string, object][] = [
    ['postgres://u@db/d', { hosts: [{ host: 'db', port: 5432 }] }],
    [
      'postgresql://u@db1,db2:5433,[::1]:5434/d',
      {
        hosts: [
          { host: 'db1', port: 5432 },
          { host: 'db2', port: 5433 },
          { host: '::1', port: 5434 },
        ],
      },
    ],
    ['postgresql://u@/d?host=/var/run/postgresql', { hosts: [{ host: '/var/run/postgresql', port: 5432 }] }],
    [
      'postgresql://u@/d?host=a,b&port=1,2',
      {
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
      },
    ],
    [
      'postgresql://u@a,b/d?port=7',
      {
        hosts: [
          { host: 'a', port: 7 },
          { host: 'b', port: 7 },
        ],
      },
    ],
    ['postgresql://u@%2Frun%2Fpg/d', { hosts: [{ host: '/run/pg', port: 5432 }] }],
    ['postgresql://a%40b@db/the%20base', { user: 'a@b', database: 'the base' }],
    ['postgresql://u@db/d?sslmode=verify-full&sslrootcert=ca.pem', { tls: 'verify-full', authorities: 'ca.pem' }],
    ['postgresql://u@db/d?sslrootcert=system', { authorities: undefined }],
    [
      'postgresql://u@db/d?connect_timeout=9&application_name=sw&target_session_attrs=read-write',
      { connectTimeout: 9000, applicationName: 'sw' },
    ],
  ];
  for (const [text, more] of good) {
    it(`is read: ${text}`, () => {
      const hosts = [{ host: 'db', port: 5432 }];
      deepEqual(readDatabaseUrl(text), { value: { ...usual, hosts, connectTimeout: 5000, ...more } });
    });
  }

  const bad: readonly [string, string][] = [
    ['mysql://u@db/d', 'This is no address of a PostgreSQL.'],
    ['db.example.org', 'This is no address of a PostgreSQL.'],
    ['postgresql://u:secret@db/d', 'A password stands in it, and a URL is shown.'],
    ['postgresql://u:se/cr@et@db/d', 'A password stands in it, and a URL is shown.'],
    ['postgresql://u@db/d?password=secret', 'A password stands in it, and a URL is shown.'],
    ['postgresql://db/d', 'There is no role.'],
    ['postgresql://u@db', 'There is no database.'],
    ['postgresql://u@db/', 'There is no database.'],
    ['postgresql://u@db/d/e', 'This is no name of a database.'],
    ['postgresql://u@/d', 'There is no host.'],
    ['postgresql://u@a,,b/d', '"" is no host.'],
    ['postgresql://u@a/d?host=b', 'There are hosts in two places.'],
    ['postgresql://u@db:0/d', '"0" is no port.'],
    ['postgresql://u@db:70000/d', '"70000" is no port.'],
    ['postgresql://u@db/d?sslmode=sure', 'There is no sslmode "sure".'],
    ['postgresql://u@db/d?sslkey=a', 'The parameter "sslkey" is not known.'],
    ['postgresql://u@db/d?connect_timeout=0', 'This connect_timeout is out of range.'],
    ['postgresql://u@db/d?target_session_attrs=any', 'The router writes, so it needs a server that takes writes.'],
    ['postgresql://u@db/%zz', 'There is a % in it that begins no code.'],
  ];
  for (const [text, problem] of bad) {
    it(`is refused: ${text}`, () => {
      const found = readDatabaseUrl(text);
      ok('complaint' in found, JSON.stringify(found));
      equal(found.complaint.split('\n')[0], problem);
      doesNotMatch(found.complaint, /secret|cr@et/);
    });
  }
});

describe('the store postgres in the configuration', () => {
  it('is read with its password, from a file too', () => {
    const read = {
      hosts: [{ host: 'localhost', port: 5432 }],
      user: 'switchyard',
      database: 'switchyard',
      tls: 'prefer',
    };
    const rest = { authorities: undefined, applicationName: 'switchyard', connectTimeout: 5000 };
    const usual = { driver: 'postgres', ...read, ...rest, schema: 'switchyard', allowUnsafe: false };
    deepEqual(load(withStore({})).config.store, { ...usual, password: undefined });
    deepEqual(load(withStore({ password: 'sesame', schema: 'two' })).config.store, {
      ...usual,
      schema: 'two',
      password: 'sesame',
    });
    inFolder((folder) => {
      const file = join(folder, 'c.json');
      writeFileSync(join(folder, 'db.password'), 'open\n', { mode: 0o600 });
      const store = { passwordFile: 'db.password', url: `${url}?sslmode=verify-full&sslrootcert=ca.pem` };
      writeFileSync(file, JSON.stringify(withStore(store)));
      deepEqual(loadConfig({ file }).config.store, {
        ...usual,
        tls: 'verify-full',
        authorities: join(folder, 'ca.pem'),
        password: 'open',
      });
      const env = { SWITCHYARD_STORE__PASSWORD: 'stronger' };
      const { store: found } = loadConfig({ file, env }).config;
      equal(found.driver === 'postgres' && found.password, 'stronger');
    });
  });

  it('shows no password', () => {
    const loaded = load(withStore({ password: 'sesame' }));
    const text = explain(loaded.sources);
    ok(text.includes('store.password = (not shown)') && text.includes(url));
    doesNotMatch(text, /sesame/);
    for (const wrong of [
      withStore({ url: 'postgresql://switchyard:sesame@localhost/switchyard' }),
      withStore({ url: 'postgresql://localhost/switchyard?password=sesame' }),
      withStore({ url: 'sesame' }),
      withStore({ password: ['sesame'] }),
      { ...minimal, store: { driver: 'postgres', password: 'sesame', url: 7 } },
      { ...minimal, store: 'sesame' },
      withStore({ password: 'sesame', passwordFile: 'x' }),
    ]) {
      doesNotMatch(refusal(wrong).message, /sesame/);
    }
  });

  const contradictions: readonly [object, string][] = [
    [
      { ...minimal, store: { driver: 'postgres' } },
      'store.url | nothing | The driver "postgres" needs to know where the database is. | Write "url", such as "postgresql://switchyard@db.example.org/switchyard".',
    ],
    [
      { ...minimal, store: { url } },
      'store.url | a text (not shown) | The driver "sqlite" does not read this. | Write "postgres" for "driver", or remove this key.',
    ],
    [
      { ...minimal, store: { driver: 'memory', allowUnsafe: true } },
      'store.allowUnsafe | true | The driver "memory" does not read this. | Write "postgres" for "driver", or remove this key.',
    ],
    [
      withStore({ password: 'a', passwordFile: 'b' }),
      'store.passwordFile | "b" | There are both "password" and "passwordFile". | Remove one of the two.',
    ],
    [
      withStore({ schema: 'pg_own' }),
      'store.schema | "pg_own" | This is no name of a schema of ours. | Write at most 63 small letters, digits and _, no digit first, and not beginning with pg_.',
    ],
    [
      withStore({ url: 'postgresql://a:b@c/d' }),
      'store.url | a text (not shown) | A password stands in it, and a URL is shown. | Take the password out, and write it into a file that "passwordFile" names.',
    ],
  ];
  for (const [config, expected] of contradictions) {
    it(`refuses: ${expected}`, () => {
      deepEqual(
        lines(config).map((line) => line.slice(0, expected.length)),
        [expected],
      );
    });
  }

  const doubts: readonly [object, string][] = [
    [
      withStore({ url: 'postgresql://u@localhost,db.example.org/d?sslmode=require' }),
      'store.url | a text (not shown) | With sslmode=require who stands between can pretend to be the database. | Write sslmode=verify-full',
    ],
    [withStore({ allowUnsafe: true }), 'store.allowUnsafe | true | Messages that were accepted may be lost'],
    [withStore({ file: 'x.db' }), 'store.file | "x.db" | A router with the driver "postgres" does not read this.'],
  ];
  for (const [config, expected] of doubts) {
    it(`doubts: ${expected}`, () => {
      deepEqual(
        warnings(config).map((line) => line.slice(0, expected.length)),
        [expected],
      );
    });
  }

  it('doubts nothing about a socket, about loopback, and about a server that proves who it is', () => {
    for (const text of ['postgresql://u@/d?host=/run/pg', url, 'postgresql://u@db.example.org/d?sslmode=verify-full']) {
      deepEqual(warnings(withStore({ url: text })), []);
    }
  });
});
