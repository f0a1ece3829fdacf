import { z } from 'zod';
import { failures } from '../src/http/failures.ts';
import { openApi } from '../src/http/openapi.ts';
import { watchInterval } from '../src/http/watch-paths.ts';

const operation = z.object({ summary: z.string(), security: z.array(z.record(z.string(), z.unknown())) });
const paths = z.record(z.string(), z.record(z.string(), operation));

const introduction = `Where \`http.listen\` says. \`GET /v1/openapi.json\` describes all of it for programs (OpenAPI 3.1, made from the same
list as the server itself); the commands with their fields are those of [commands](commands.md). Who may come, and by
which names, is told in [operations](operations.md#commands).`;

const watching = `\`GET /v1/watch/NAME\` answers with server-sent events (\`text/event-stream\`), fields in the query as for the command:

- \`state\`: the same object that \`GET /v1/commands/NAME\` answers with; at once, and again when it differs from the last.
- \`refused\`: the object of the refusal. The stream goes on: what is not there may come.
- A comment every 15 seconds shows that the stream lives.

It looks every \`interval\` milliseconds, ${watchInterval.min} to ${watchInterval.max}, ${watchInterval.fallback} unless said. What many watch is looked up once for all.
All that is watched takes at most one part in forty of the time of the process: what would cost more is looked up less often.
Who does not read misses states. Browsers: read it by \`fetch\`, which can send the token, and not by \`EventSource\`.

\`\`\`sh
curl -N 'http://127.0.0.1:8600/v1/watch/pools.show?pool=jobs&interval=2000'
\`\`\``;

/** The body of docs/http-api.md. */
export function httpPage(table: (head: readonly string[], rows: readonly (readonly string[])[]) => string): string[] {
  return [
    introduction,
    '## What there is',
    table(['Request', 'What', 'Needs the token over TCP'], endpoints()),
    '## Watching',
    watching,
    '## Refusals',
    `Every refusal is \`{"error": {"code": ..., "text": ..., "field": ...}}\`; \`field\` only where one is to blame. What becomes of a
command has the codes and statuses of [errors](errors.md); the server itself has these:`,
    table(
      ['Code', 'Status', 'Text'],
      Object.entries(failures).map(([code, { status, text }]) => [`\`${code}\``, String(status), text]),
    ),
  ];
}

/** Each path once; those of commands together. */
function endpoints(): readonly (readonly string[])[] {
  const single = Object.entries(paths.parse(openApi('')['paths'])).filter(
    ([path]) => !/^\/v1\/\w+\/\w+\.\w+$/.test(path),
  );
  return [
    ...single.flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { summary, security }]) => {
        return [`\`${method.toUpperCase()} ${path}\``, `${summary}.`, needs(path, security)];
      }),
    ),
    [
      '`POST /v1/commands/NAME`',
      'Gives a command; its fields as a JSON object.',
      'If it changes something or shows messages; else as `http.read` says',
    ],
    ['`GET /v1/commands/NAME`', 'The same for a command that only reads; its fields in the query.', 'As above'],
    ['`GET /v1/watch/NAME`', 'The same again and again.', 'As above'],
    ['`GET /console/`', 'The page for the browser; `/` leads there.', 'No'],
  ];
}

function needs(path: string, security: readonly object[]): string {
  if (!path.startsWith('/v1/') || path === '/v1/session') return 'No';
  return security.some((each) => Object.keys(each).length === 0) ? 'As `http.read` says' : 'Yes';
}
