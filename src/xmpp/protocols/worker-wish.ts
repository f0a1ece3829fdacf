import type { Element } from 'ltx';
import type { WorkerWish } from '../../core/envelope.ts';
import { type Destination, parseDestination } from '../../core/transfer/destination.ts';
import { ns } from '../codec/namespaces.ts';

/** Longest label that is looked at; the pool shortens what is longer than it allows. */
const labelLimit = 256;
/** Largest capacity that makes sense. */
const capacityMost = 10_000;

/**
 * What the children of a presence ask of a pool, or `undefined` for nothing: our own
 * `<x xmlns='urn:x-switchyard:worker:0' weight='' capacity='' label='' drain='' server=''/>`, and
 * `<agent-status><max-chats/>` of XEP-0142, which is a capacity where ours says none.
 * A wrong part is ignored and told.
 */
export function readWish(children: readonly Element[]): WorkerWish | undefined {
  const own = children.find((child) => child.is('x', ns.worker));
  const agent = children.find((child) => child.is('agent-status', ns.workgroup));
  if (own === undefined && agent === undefined) return undefined;
  const { weight: weightText, capacity, label: labelText, drain: drainText, server: serverText } = own?.attrs ?? {};
  const problems: string[] = [];
  const weight = readNumber('weight', weightText, 1000, problems);
  const label = readLabel(labelText, problems);
  const drain = readDrain(drainText, problems);
  const server = readServer(serverText, problems);
  const ownCapacity = readNumber('capacity', capacity, capacityMost, problems);
  const chats = agent?.getChildElements().find((child) => child.is('max-chats', ns.workgroup));
  const maxChats = readNumber('max-chats', chats?.getText().trim(), capacityMost, problems);
  const problem = problems.length === 0 ? undefined : problems.join('; ');
  return {
    weight,
    capacity: ownCapacity ?? maxChats,
    label,
    ...(server === undefined ? {} : { server }),
    drain,
    problem,
  };
}

function readNumber(name: string, value: unknown, most: number, problems: string[]): number | undefined {
  if (typeof value !== 'string') return undefined;
  const number = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (number >= 1 && number <= most) return number;
  problems.push(`${name} is a whole number from 1 to ${most}`);
  return undefined;
}

function readLabel(value: unknown, problems: string[]): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (value !== '' && value.length <= labelLimit) return value;
  problems.push('label is 1 to 32 characters of A-Z a-z 0-9 . _ -');
  return undefined;
}

function readDrain(value: unknown, problems: string[]): boolean {
  if (value === undefined || value === 'false' || value === '0') return false;
  if (value === 'true' || value === '1') return true;
  problems.push('drain is true or false');
  return false;
}

function readServer(value: unknown, problems: string[]): Destination | undefined {
  if (typeof value !== 'string') return undefined;
  const server = parseDestination(value);
  if (server === undefined) problems.push('server is a domain name or an IP address, and perhaps :port');
  return server;
}
