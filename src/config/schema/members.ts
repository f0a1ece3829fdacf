import { z } from 'zod';
import { readJid } from '../addresses.ts';
import { complaint, type Reading, reading, whole, wrongType } from '../leaves.ts';

/** Most pools behind one name. */
const membersMost = 100;
/** The characters of a label (design.md, Addresses). */
const labelForm = /^[A-Za-z0-9._-]{1,32}$/;

const member = z
  .strictObject(
    {
      jid: reading(
        {
          kind: 'the address of a pool of another domain',
          example: '"jobs@p1.example.org"',
          description:
            'The pool, by its address. It belongs to another Switchyard domain, whose `senders` allow this pool.',
        },
        readFarPool,
      ),
      weight: whole({
        fallback: 1,
        min: 1,
        max: 1000,
        example: '2',
        description: 'Its share under `weighted`, `leastbusy` and `sticky`, 1 to 1000.',
      }),
      label: reading(
        {
          kind: 'a label',
          example: '"p1"',
          description:
            'How senders see it: `jobs@domain/~label`. Default: the first part of its domain, with a number where that is taken.',
        },
        readLabel,
      ).optional(),
      capacity: whole({
        fallback: 1000,
        min: 1,
        max: 100_000,
        example: '1000',
        description: 'For at-least-once: how many messages it may have that it has not put on its own disk yet.',
      }),
    },
    { error: wrongType('an object', '{ "jid": "jobs@p1.example.org" }') },
  )
  .meta({ description: 'One pool; its list is written as a whole.' });

/** The pools of other domains that a pool spreads its messages over. */
export const members = z
  .array(member, {
    error: wrongType('a list of pools', '[{ "jid": "jobs@p1.example.org" }, { "jid": "jobs@p2.example.org" }]'),
  })
  .max(membersMost, {
    error: () =>
      complaint(`More than ${String(membersMost)} pools.`, 'Spread over fewer, each of which may spread again.'),
  })
  .prefault([])
  .meta({
    description:
      'Static members: pools of other Switchyard domains, which get messages as workers do, by the algorithm of this pool, while they show that they have workers: [spreading.md](spreading.md).',
  });

function readFarPool(written: string): Reading<string> {
  const advice = 'Write the address of a pool, such as "jobs@p1.example.org".';
  const read = readJid(written);
  if ('complaint' in read) return read;
  if (read.value.includes('/')) {
    return { complaint: complaint('A pool has no resource, and a worker joins by its presence.', advice) };
  }
  return read.value.includes('@') ? read : { complaint: complaint('This is a domain, and no pool of it.', advice) };
}

function readLabel(written: string): Reading<string> {
  if (labelForm.test(written)) return { value: written };
  return {
    complaint: complaint('This can be no label.', 'Write 1 to 32 letters, digits, dots, hyphens or underscores.'),
  };
}
