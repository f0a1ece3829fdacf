import { z } from 'zod';
import { type Destination, formatDestination, parseDestination } from '../../core/transfer/destination.ts';
import { complaint, duration, type Reading, section, wrongType } from '../leaves.ts';
import { checkedKey, patterns } from './patterns.ts';

/** Reads a server to connect to, `host` or `host:port`, into its prepared form. */
export function readServerName(text: string): Reading<string> {
  const server = parseDestination(text);
  return server === undefined
    ? {
        complaint: complaint(
          'This is no server to connect to.',
          'Write a domain name or an IP address, and perhaps a port, such as "node1.example.org:5222".',
        ),
      }
    : { value: formatDestination(server) };
}

/** Access patterns of members by server. */
function byServer(description: string) {
  const members = patterns({ least: 1, description: 'The members.' });
  const example = '{ "node1.example.org": ["*@example.org"] }';
  return z
    .record(checkedKey(readServerName), members, {
      error: wrongType('an object of servers and lists of access patterns', example),
    })
    .prefault({})
    .meta({ description });
}

/** Connection transfers (XEP-0051). */
export const transfers = section(
  {
    workers: patterns({
      least: 0,
      fallback: [],
      description: 'Workers that take connection transfers although their clients do not say so.',
    }),
    servers: byServer(
      'Which server workers are on, for those that do not say it in their join presence: lists of access patterns by `host` or `host:port`.',
    ),
    rules: byServer(
      'Where workers belong: lists of access patterns by `host` or `host:port`. A worker that joins from another server is told to connect there.',
    ),
    drainTimeout: duration({
      fallback: '30s',
      min: '0s',
      max: '1h',
      description: 'How long a worker may finish what it has before it is told to connect elsewhere.',
    }),
    answerTimeout: duration({
      fallback: '10s',
      min: '100ms',
      max: '10m',
      description: 'How long a worker may take to answer; one that does not counts as not knowing transfers.',
    }),
    leaveTimeout: duration({
      fallback: '1m',
      min: '100ms',
      max: '1h',
      description: 'How long a worker that has said yes may take to leave.',
    }),
    returnTimeout: duration({
      fallback: '2m',
      min: '100ms',
      max: '1h',
      description: 'How long it may take to come back; after that it counts as lost.',
    }),
  },
  {
    example: '{ "workers": ["*@example.org"] }',
    description: 'Connection transfers (XEP-0051): having workers connect to another server. See transfers.md.',
  },
);

/** What `byServer` has read, with servers prepared. */
export function serversOf(
  written: Readonly<Record<string, readonly string[]>>,
): readonly { readonly server: Destination; readonly members: readonly string[] }[] {
  return Object.entries(written).flatMap(([name, members]) => {
    const server = parseDestination(name);
    return server === undefined ? [] : [{ server, members }];
  });
}
