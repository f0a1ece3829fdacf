import { z } from 'zod';
import { prepareJid } from '../../core/address/jid.ts';
import { choice, complaint, duration, type Reading, reading, section, wrongType, yesOrNo } from '../leaves.ts';
import { checkedKey, patterns } from './patterns.ts';

const namespaceExample = '"urn:example:status"';

/** Reads the namespace of a payload, or `*` where that may stand for all. */
function readNamespace(text: string): Reading<string> {
  return /^[^\s<>"'&{}]+$/.test(text)
    ? { value: text }
    : { complaint: complaint('This is no namespace.', `Write one, such as ${namespaceExample}.`) };
}

function readNamed(text: string): Reading<string> {
  return text === '*'
    ? { complaint: complaint('A rule is for one namespace.', `Write it, such as ${namespaceExample}.`) }
    : readNamespace(text);
}

function readJid(text: string): Reading<string> {
  const prepared = prepareJid(text);
  if (prepared.ok) return { value: prepared.jid };
  return {
    complaint: complaint(`This is no JID: ${prepared.problem}.`, 'Write one, such as "pool@other.example.org".'),
  };
}

function readAttributeName(text: string): Reading<string> {
  return /^(?!xml)[A-Za-z_][A-Za-z0-9._-]*$/i.test(text)
    ? { value: text }
    : { complaint: complaint('This is no name of an attribute.', 'Write a name without a prefix, such as "node".') };
}

const namespace = (read: (text: string) => Reading<string>) =>
  reading({ kind: 'a namespace', example: namespaceExample, description: 'A namespace, or `*`.' }, read);

const jid = (description: string) =>
  reading({ kind: 'a JID', example: '"pool@other.example.org"', description }, readJid);

const redirects = z
  .record(
    checkedKey(readNamed),
    z
      .strictObject(
        {
          to: jid('Where the answer is: the address of another pool of this service, or any other JID.'),
          namespace: reading(
            {
              kind: 'a namespace',
              example: namespaceExample,
              description: 'The namespace of the redirected query, where it is another. Needs `understoodBy`.',
            },
            readNamed,
          )
            .optional()
            .meta({
              description: 'The namespace of the redirected query, where it is another. Needs `understoodBy`.',
            }),
          attributes: z
            .record(
              checkedKey(readAttributeName),
              z.string({ error: wrongType('a text', '"today"') }).meta({ description: 'The value of the attribute.' }),
              {
                error: wrongType('an object of attributes', '{ "node": "today" }'),
              },
            )
            .prefault({})
            .meta({
              description: 'Attributes of the redirected query that get another value. Needs `understoodBy`.',
            }),
          understoodBy: patterns({
            least: 0,
            fallback: [],
            description:
              'Whose clients read a redirect with a changed query (JEP-0051). Nobody else can be told of it, and is refused.',
          }),
        },
        { error: wrongType('an object', '{ "to": "archive@example.org" }') },
      )
      .meta({ description: 'Where requests of this namespace are redirected.' }),
    {
      error: wrongType('an object of namespaces and rules', '{ "urn:example:status": { "to": "status@example.org" } }'),
    },
  )
  .prefault({})
  .meta({
    description:
      'For `iq: redirect`: requests of these namespaces go to a fixed address, not to a worker. At most three redirects may follow each other.',
  });

const moved = section(
  {
    to: jid('The new address.').optional().meta({
      description: 'The new address of a pool that has moved; nothing else works here then. Default: it has not.',
    }),
    permanent: yesOrNo({
      fallback: false,
      description:
        'Whether it has moved for good, so that senders should change their address (`<gone/>`, not `<redirect/>`).',
    }),
  },
  {
    example: '{ "to": "jobs@pools.example.net" }',
    description: 'For a pool that has moved: who writes to it, joins it or asks it is told the new address.',
  },
);

/** The keys of a pool that say what becomes of requests, and of a pool that is gone. */
export const requestKeys = {
  iq: choice(['reject', 'redirect', 'proxy'], {
    fallback: 'reject',
    description:
      'What becomes of requests (IQs) that the pool does not answer itself: `reject` refuses them, `redirect` tells who asks which worker to ask, `proxy` gives them to a worker and the answer back.',
  }),
  iqNamespaces: z
    .array(namespace(readNamespace), { error: wrongType('a list of namespaces', `[${namespaceExample}]`) })
    .prefault([])
    .meta({
      description:
        'The namespaces of the requests that `iq` is about; `*` for all that may be passed on. Required unless `iq` is `reject`.',
    }),
  iqTimeout: duration({
    fallback: '30s',
    min: '1s',
    max: '10m',
    description: 'For `iq: proxy`: how long workers may take to answer a request; then who asked gets an error.',
  }),
  redirects,
  moved,
};
