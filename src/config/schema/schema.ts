import { z } from 'zod';
import { parseDestination } from '../../core/transfer/destination.ts';
import { readDomain, readPoolName } from '../addresses.ts';
import {
  choice,
  complaint,
  duration,
  optionalText,
  reading,
  section,
  size,
  text,
  whole,
  wrongType,
} from '../leaves.ts';
import { readService } from '../service.ts';
import { contacts } from './contacts.ts';
import { http } from './http.ts';
import { checkedKey, patterns } from './patterns.ts';
import { poolSchema } from './pool.ts';
import { standby } from './standby.ts';
import { store } from './store.ts';
import { transfers } from './transfers.ts';

const reconnect = section(
  {
    min: duration({ fallback: '1s', min: '10ms', max: '1h', description: 'The longest that the first pause can be.' }),
    max: duration({ fallback: '60s', min: '10ms', max: '1d', description: 'The longest that any pause can be.' }),
  },
  {
    example: '{ "min": "1s", "max": "60s" }',
    description:
      'Pauses between attempts to connect: the bound doubles from `min` to `max`, each pause is random below it.',
  },
);

const followed = reading(
  { kind: 'a server', example: '"xmpp2.example.org:5347"', description: 'A server: `host`, or `host:port`.' },
  (text) => {
    const value = parseDestination(text);
    return value === undefined
      ? { complaint: complaint('This is no host.', 'Write "host" or "host:port", an IPv6 address in brackets.') }
      : { value };
  },
);

const component = section(
  {
    service: reading(
      {
        kind: 'the address of an XMPP server',
        example: '"xmpp://127.0.0.1:5347"',
        description:
          'Where the XMPP server listens for components (XEP-0114): `xmpp://host:port`. The port must be said: 5347 is the default of Prosody; ejabberd has none.',
      },
      readService,
    ),
    domain: reading(
      {
        kind: 'a domain name',
        example: '"pools.example.org"',
        description: 'The domain that the component owns; pools are addresses in it.',
      },
      readDomain,
    ),
    secret: optionalText({
      example: '"a long random text"',
      description: 'The secret shared with the server. Write either this or `secretFile`.',
    }),
    secretFile: optionalText({
      example: '"component.secret"',
      description:
        'A file that holds the secret; a line break at its end is not part of it. Write either this or `secret`.',
    }),
    name: text({
      fallback: 'Worker pools',
      example: '"Worker pools"',
      description: 'Name of the service for people; shown by service discovery.',
    }),
    reconnect,
    handshakeTimeout: duration({
      fallback: '10s',
      min: '100ms',
      max: '5m',
      description: 'How long the server may take to accept the component.',
    }),
    keepalive: duration({
      fallback: '30s',
      min: '100ms',
      max: '1h',
      description: 'After this much silence the link is tested.',
    }),
    pingTimeout: duration({
      fallback: '10s',
      min: '100ms',
      max: '5m',
      description: 'How long the answer to such a test may take before the link counts as dead. At most `keepalive`.',
    }),
    follow: z
      .array(followed, { error: wrongType('a list of servers', '["xmpp2.example.org:5347"]') })
      .prefault([])
      .meta({
        description:
          'Where the server may send the component (`see-other-host`, XEP-0051): `host`, or `host:port`; without a port that of `service`. By default nowhere. Loopback is reached by plain TCP; any other host must take TLS on that port (ejabberd: `tls: true`) and show a certificate for the domain of the server, which is `domain` without its first label, or for `domain`.',
      }),
  },
  {
    example: '{ "service": "xmpp://127.0.0.1:5347", "domain": "pools.example.org", "secretFile": "component.secret" }',
    description: 'The link to the XMPP server. Changes need a restart.',
  },
);

const access = section(
  { admins: patterns({ least: 0, fallback: [], description: 'Who may manage every pool.' }) },
  { example: '{ "admins": ["admin@example.org"] }', description: 'Rights in the whole service.' },
);

const limits = section(
  {
    stanza: size({
      fallback: '480KiB',
      min: '10000B',
      max: '64MiB',
      description:
        'Largest stanza that is read or written. Prosody closes the whole link above 512KiB. Changes need a restart.',
    }),
    depth: whole({
      fallback: 64,
      min: 8,
      max: 1000,
      example: '64',
      description: 'Deepest nesting of elements in a stanza. Changes need a restart.',
    }),
    outBuffer: size({
      fallback: '16MiB',
      min: '64KiB',
      max: '4GiB',
      description: 'Most that waits to be written to the server before messages are refused. Changes need a restart.',
    }),
    memory: size({
      fallback: '64MiB',
      min: '1MiB',
      max: '64GiB',
      description:
        'Most that the router holds for the sake of others: five sixteenths for who wrote to which pool (two of these for requests, where a pool passes them on or redirects them), three for workers (about 10 000 at 64MiB), two each for messages that wait, messages that may have to be sent again, and aliases, one each for sticky keys and for rates. Changes that wait for the disk may take half as much besides. Workers and messages that find no room are refused (`overloaded`); of what is remembered the oldest is forgotten.',
    }),
  },
  {
    example: '{ "stanza": "480KiB" }',
    description: 'Bounds. Whatever is beyond them is refused with an error, never held.',
  },
);

const log = section(
  {
    level: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      fallback: 'info',
      description: 'The least important lines that are written.',
    }),
    format: choice(['auto', 'json', 'pretty'], {
      fallback: 'auto',
      description:
        '`pretty` for people, `json` for machines; `auto` is pretty on a terminal and json elsewhere. Changes need a restart.',
    }),
  },
  { example: '{ "level": "info" }', description: 'The log.' },
);

const pools = z
  .record(checkedKey(readPoolName), poolSchema, {
    error: wrongType('an object of pools by name', '{ "jobs": { "workers": ["worker@example.org"] } }'),
  })
  .prefault({})
  .meta({
    description:
      'The pools by name; the name is the part of the address before the @. Others can be made while the router runs: see operations.md.',
  });

/** The whole configuration as it is written; reading it gives values with defaults, in milliseconds and bytes. */
export const configSchema = z.strictObject(
  {
    $schema: optionalText({
      example: '"./component.config.schema.json"',
      description: 'The JSON schema, for editors. Not read.',
    }),
    component,
    store,
    standby,
    access,
    pools,
    http,
    log,
    limits,
    drainTimeout: duration({
      fallback: '30s',
      min: '0s',
      max: '10m',
      description: 'On SIGTERM, how long the router finishes what it has before it ends.',
    }),
    memberGrace: duration({
      fallback: '5m',
      min: '0s',
      max: '1d',
      description: 'How long a worker whose presence could not be verified after a restart stays as a last resort.',
    }),
    transfers,
    contacts,
  },
  { error: wrongType('an object', '{ "component": {}, "pools": {} }') },
);

/** The configuration once read. */
export type ReadConfig = z.output<typeof configSchema>;
