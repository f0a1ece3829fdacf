import { readDatabaseUrl } from '../database-url.ts';
import { choice, complaint, optionalText, reading, section, text, yesOrNo } from '../leaves.ts';

/** What survives a restart. */
export const store = section(
  {
    driver: choice(['sqlite', 'postgres', 'memory'], {
      fallback: 'sqlite',
      description:
        'Where workers, preferences and messages of pools with `at-least-once` are kept: `sqlite`, `postgres`, which several instances can share so that one takes over from another (see postgresql.md), or `memory`, which forgets them when the router ends.',
    }),
    file: text({
      fallback: 'data/switchyard.db',
      example: '"data/switchyard.db"',
      description: 'The database file of `sqlite`. Its folder is created.',
    }),
    url: reading(
      {
        kind: 'the address of a PostgreSQL',
        example: '"postgresql://switchyard@db.example.org/switchyard"',
        description:
          'Where the database of `postgres` is: `postgresql://role@host:port/database`. Several hosts are separated by commas; the first that takes writes is used. After a `?` may follow `sslmode` (`disable`, `prefer`, `require`, `verify-ca`, `verify-full`), `sslrootcert`, `connect_timeout` (seconds for each host, 5 by default), `application_name`, and `host` for the folder of a Unix socket. No password stands in it.',
      },
      readDatabaseUrl,
    ).optional(),
    password: optionalText({
      example: '"a long random text"',
      description: 'The password of the role in `url`, if it has one. Write either this or `passwordFile`.',
    }),
    passwordFile: optionalText({
      example: '"database.password"',
      description: 'A file that holds the password; a line break at its end is not part of it.',
    }),
    schema: reading(
      {
        fallback: 'switchyard',
        kind: 'the name of a schema',
        example: '"switchyard"',
        description:
          'The schema in the database of `postgres`: small letters, digits and `_`. It is made when it is missing, and holds one deployment: each domain needs its own.',
      },
      readSchemaName,
    ),
    allowUnsafe: yesOrNo({
      fallback: false,
      description:
        'Whether a PostgreSQL is used that may lose what it has confirmed: with `fsync`, `full_page_writes` or `synchronous_commit` off.',
    }),
  },
  {
    example: '{ "driver": "sqlite", "file": "data/switchyard.db" }',
    description: 'What survives a restart. Changes need a restart.',
  },
);

function readSchemaName(name: string): { readonly value: string } | { readonly complaint: string } {
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(name) && !/^(?:pg_|information_schema$)/.test(name)) return { value: name };
  const advice = 'Write at most 63 small letters, digits and _, no digit first, and not beginning with pg_.';
  return { complaint: complaint('This is no name of a schema of ours.', advice) };
}
