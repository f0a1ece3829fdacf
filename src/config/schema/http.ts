import { z } from 'zod';
import { choice, optionalText, reading, section, wrongType } from '../leaves.ts';
import { readListen, readWebHost } from '../service.ts';

const webHost = reading(
  { kind: 'a host name', example: '"switchyard.example.org"', description: 'A name: `host`, or `host:port`.' },
  readWebHost,
);

/** What is served over HTTP. */
export const http = section(
  {
    listen: reading(
      {
        fallback: 'off',
        kind: 'an address to listen on',
        example: '"127.0.0.1:8600"',
        description:
          'Where `/healthz`, `/readyz`, `/metrics`, commands and the console are served: `host:port`, `unix:path`, or `off`. Pages need no password: keep it on loopback. Who may open the socket may give commands; it is made for its owner alone.',
      },
      readListen,
    ),
    token: optionalText({
      example: '"a long random text"',
      description:
        'What must be known to give commands over TCP that change something or show messages, at least 16 characters. Without it they are taken over a `unix:` socket only. Write either this or `tokenFile`.',
    }),
    tokenFile: optionalText({
      example: '"http.token"',
      description: 'A file that holds the token; a line break at its end is not part of it.',
    }),
    read: choice(['auto', 'anyone', 'token'], {
      fallback: 'auto',
      description:
        'Who may give commands over TCP that only read, such as the lists of pools and workers: `anyone` who can reach the address, or only who has the `token`. `auto` is anyone on loopback, and the token elsewhere. What shows messages always needs the token.',
    }),
    hosts: z
      .array(webHost, { error: wrongType('a list of host names', '["switchyard.example.org"]') })
      .prefault([])
      .meta({
        description:
          'Names besides IP addresses, `localhost` and that of `listen` by which browsers may ask, as behind a proxy: `host`, or `host:port` where the port is not the usual one. Other names are refused, so that no page of somebody else can come in by a name of its own (DNS rebinding).',
      }),
  },
  {
    example: '{ "listen": "127.0.0.1:8600" }',
    description: 'Health, metrics, commands, console. Changes need a restart.',
  },
);
