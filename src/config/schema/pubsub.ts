import { z } from 'zod';
import { readJid } from '../addresses.ts';
import { choice, complaint, type Reading, reading, text, wrongType } from '../leaves.ts';

/** Most nodes of one pool: each costs a question after every attach. */
const nodesMost = 100;

const value = z.union([z.string(), z.boolean(), z.int(), z.array(z.string()).max(100)], {
  error: wrongType('a text, a number, true, false or a list of texts', 'true'),
});

const options = z
  .record(z.string().min(1), value, { error: wrongType('an object of options', '{ "include_body": true }') })
  .transform((written) =>
    Object.fromEntries(Object.entries(written).map(([name, held]) => [fullName(name), valuesOf(held)])),
  )
  .prefault({})
  .meta({
    description:
      'Options of the subscription (XEP-0060 6.3), by the name of the field; `pubsub#` may be left out. The service decides what it knows of them.',
  });

const node = z
  .strictObject(
    {
      service: reading(
        {
          kind: 'the address of a PubSub service',
          example: '"pubsub.example.org"',
          description: 'The PubSub service, or the account whose node it is.',
        },
        readService,
      ),
      node: text({ example: '"alerts"', description: 'The name of the node.' }),
      options,
      split: choice(['event', 'item'], {
        fallback: 'event',
        description: 'What one worker gets: a whole `event`, or one `item` of it. Services send most items one by one.',
      }),
    },
    { error: wrongType('an object', '{ "service": "pubsub.example.org", "node": "alerts" }') },
  )
  .meta({ description: 'One node; its list is written as a whole.' });

/** The nodes that a pool subscribes to. */
export const pubsub = z
  .array(node, {
    error: wrongType('a list of nodes', '[{ "service": "pubsub.example.org", "node": "alerts" }]'),
  })
  .max(nodesMost, {
    error: () => complaint(`More than ${String(nodesMost)} nodes.`, 'Divide them among several pools.'),
  })
  .prefault([])
  .meta({
    description:
      'PubSub nodes (XEP-0060) that the pool subscribes to. Its workers share their events by the algorithm, whatever their type; retractions and the like go to all of them.',
  });

function readService(written: string): Reading<string> {
  const read = readJid(written);
  if ('complaint' in read || !read.value.includes('/')) return read;
  return {
    complaint: complaint('A service has no resource.', 'Write a domain, or user@host for the node of an account.'),
  };
}

/** The fields of XEP-0060 are written so; those of other protocols have a prefix of their own. */
function fullName(name: string): string {
  return name.includes('#') || name.startsWith('{') ? name : `pubsub#${name}`;
}

function valuesOf(held: z.output<typeof value>): readonly string[] {
  return Array.isArray(held) ? held : [String(held)];
}
