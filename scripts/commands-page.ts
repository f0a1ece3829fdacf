import type { Command } from '../src/core/commands/command.ts';
import type { Field } from '../src/core/commands/field.ts';
import { commands } from '../src/core/commands/perform.ts';

/** What commands are about, in the order of their list, with the doors of their own. */
const things: Readonly<Record<string, { readonly title: string; readonly text: string }>> = {
  service: { title: 'The service', text: '`switchyard service` alone shows how it is doing.' },
  pools: {
    title: 'Pools',
    text: '`switchyard pools` alone lists them. Those that commands make stand beside those of the configuration: see [operations](operations.md#pools-made-while-the-router-runs).',
  },
  queue: {
    title: 'Queues',
    text: `Of pools with the guarantee \`at-least-once\`, and of those that still hold messages. \`switchyard queue\` alone shows how
they are doing. A message has the id that workers see as its \`<stanza-id/>\`.`,
  },
  workers: {
    title: 'Workers',
    text: `\`switchyard workers\` alone lists them. What an operator decides about a worker holds for its full JID in that
pool, also after it has left and joined again, and after a restart of the router, until it is taken back.`,
  },
  transfers: {
    title: 'Transfers',
    text: 'On the command line these are `switchyard transfer`, which follows a run to its end, and over HTTP also resources of their own: see [transfers](transfers.md).',
  },
};

const introduction = `What can be done with a router that runs. Every door reads the same list, takes the same input and refuses the same.

**On the command line** \`switchyard\` reads the same configuration as the router, and finds it by \`http.listen\`. What
must be given stands in its place, what may be given is an option: \`--max-lost\` for \`maxLost\`. Every command knows
\`--json\`, which answers with JSON, and with a refusal as over HTTP on standard error. One that destroys asks before; \`--yes\` answers for you. The exit code is 0 when it was done, 1 when it was not,
2 when the command line or the configuration is wrong.

**Over HTTP** \`POST /v1/commands/NAME\` takes a JSON object with the fields; a command that only reads is also a GET, with
the fields in the query. \`GET /v1/commands\` lists what there is. Over a socket they are taken from whoever may open it;
over TCP those that change something or show messages need \`http.token\` (\`Authorization: Bearer ...\`), and
\`http.read\` says whether the others do. A refusal is
\`{"error": {"code": ..., "text": ..., "field": ...}}\`; the codes and their statuses are those of [errors](errors.md).
\`GET /v1/watch/NAME\` sends the answer of a command that only reads again whenever it differs, as server-sent events:
\`state\` with the answer, or \`refused\` with the refusal; it looks every \`interval\` milliseconds (500 to 60000, 1000
unless said), and less often what costs much.

**Who may.** Administrators may give every command; whoever comes over HTTP or the socket counts as one. Owners of pools
may give those that say so, and for them there are no pools but their own. Every command that changes something is a line
of the log (\`command\`), with who gave it, what, and what became of it.

**In an XMPP client** these are ad-hoc commands (XEP-0050): see [below](#in-an-xmpp-client).

\`\`\`sh
switchyard workers drain worker@example.org/one --pool jobs
curl --unix-socket switchyard.sock http://localhost/v1/commands/workers.drain --json '{"worker": "worker@example.org/one"}'
curl --unix-socket switchyard.sock 'http://localhost/v1/commands/workers.list?pool=jobs&limit=10'
\`\`\``;

const client = `In Gajim, Psi, Profanity and every other client that knows ad-hoc commands (XEP-0050) they are found at the address of
the service, and those about a pool also at the pool's own address, where the pool is not asked for. Administrators
(\`access.admins\`) find all of them, owners of pools (\`owners\`) those that owners may give, about their own pools; nobody
else finds any. The node of a command is its name here. In Profanity:

\`\`\`
/cmd list pools.example.org
/cmd exec workers.list jobs@pools.example.org
/cmd exec queue.redrive jobs@pools.example.org
/field1 add all
/form submit
\`\`\`

A command that only reads and must be told nothing runs at once; every other one asks with a form;
\`pools.edit\` asks for the pool first, then shows what it was made with. When a value cannot be
used the form comes again, with a note that names the field. What destroys asks once more before it does. A list comes in
pages of 50 rows: \`next\`, \`prev\`, and \`complete\` to have done. People find a line for each row in the first form of the
answer, programs the same as a table (\`<reported/>\`) in the second, with the place in the list (XEP-0059) where that is
known. A program may send the form, of type \`submit\`, with its first request, and in it also \`skip\`, \`after\` and
\`limit\`: then nothing is asked but whether it means it.

A session belongs to one full JID and ends after ten minutes without use. An account has eight at most; its oldest gives
way. A percent sign in a note is written as \`％\` (U+FF05): Profanity 0.13 takes notes for formats.`;

/** The body of docs/commands.md. */
export function commandsPage(): readonly string[] {
  const sections = Object.entries(things).flatMap(([about, { title, text }]) => {
    const own = [...commands.values()].filter(({ name }) => name.startsWith(`${about}.`));
    return [`## ${title}`, text, ...own.flatMap(commandParts)];
  });
  return [introduction, ...sections, '## In an XMPP client', client];
}

function commandParts(command: Command): readonly string[] {
  const { name, title, help, role, reads, destroys, fields } = command;
  const doors = [lineOf(command), reads === true ? `\`GET /v1/commands/${name}\`` : `\`POST /v1/commands/${name}\``];
  const loss = destroys === undefined ? '' : ` ${destroys}`;
  const who = role === 'owner' ? ' Owners may give it about their pools.' : '';
  return [
    `### ${title}`,
    `${help}${loss}${who}`,
    doors.filter((door) => door !== '').join(' · '),
    ...(fields.length === 0 ? [] : [fields.map(fieldLine).join('\n')]),
  ];
}

/** How it is written on the command line. */
function lineOf({ name, fields }: Command): string {
  const [about = '', verb = ''] = name.split('.', 2);
  if (about === 'transfers') return '';
  const places = fields
    .filter(({ required }) => required)
    .map(({ name: place, kind }) => (kind === 'list' ? ` <${place}...>` : ` <${place}>`));
  const words = name === 'pools.explain' ? 'explain' : `${about} ${verb}`;
  return `\`switchyard ${words}${places.join('')}\``;
}

function fieldLine({ name, help, required, fallback, choices, kind }: Field<unknown>): string {
  const need = required ? ' (required)' : kind === 'flag' || fallback === undefined ? '' : ` (default ${fallback})`;
  const words = choices === undefined ? '' : ` One of ${choices.map((word) => `\`${word}\``).join(', ')}.`;
  return `- \`${name}\`${need}: ${help}${words}`;
}
