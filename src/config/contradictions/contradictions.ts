import { readPoolName } from '../addresses.ts';
import { formatDuration } from '../duration.ts';
import type { KeyPath } from '../issue.ts';
import type { ReadConfig } from '../schema/schema.ts';
import { readServerName } from '../schema/transfers.ts';
import { isLoopback } from '../service.ts';
import { formatSize } from '../size.ts';
import { findDeliveryContradictions } from './delivery.ts';
import type { Finding } from './finding.ts';
import { findPoolContradictions } from './pool.ts';
import { findRequestContradictions } from './requests.ts';
import { sameWhenPrepared } from './same-when-prepared.ts';
import { findStoreContradictions } from './store.ts';

const kibibyte = 1024;
/** Above it Prosody closes the whole link (component_stanza_size_limit). */
const prosodyLimit = 512 * kibibyte;
/** What the router adds to a stanza fits into the difference. */
const roomyLimit = 480 * kibibyte;

/**
 * Everything that is contradictory or doubtful in a configuration whose single values are valid.
 *
 * @param isWritten Whether a key was written by anybody, and has not its default.
 */
export function findContradictions(config: ReadConfig, isWritten: (path: KeyPath) => boolean): readonly Finding[] {
  return [
    ...linkFindings(config.component),
    ...limitFindings(config.limits),
    ...findStoreContradictions(config.store, isWritten),
    ...httpFindings(config.http),
    ...transferFindings(config.transfers),
    ...poolsFindings(config, isWritten),
  ];
}

function linkFindings({ reconnect, keepalive, pingTimeout }: ReadConfig['component']): Finding[] {
  const findings: Finding[] = [];
  if (reconnect.min > reconnect.max) {
    findings.push({
      level: 'error',
      path: ['component', 'reconnect', 'min'],
      also: [['component', 'reconnect', 'max']],
      problem: `The first pause is longer than the longest, ${formatDuration(reconnect.max)}.`,
      suggestion: `Write at most "${formatDuration(reconnect.max)}", or raise "max".`,
    });
  }
  if (pingTimeout > keepalive) {
    findings.push({
      level: 'error',
      path: ['component', 'pingTimeout'],
      also: [['component', 'keepalive']],
      problem: `The next test of the link, after ${formatDuration(keepalive)}, would begin before this one has failed.`,
      suggestion: `Write at most "${formatDuration(keepalive)}", or raise "keepalive".`,
    });
  }
  return findings;
}

function limitFindings({ stanza, outBuffer, memory }: ReadConfig['limits']): Finding[] {
  const findings: Finding[] = [];
  const path = ['limits', 'stanza'];
  if (stanza > prosodyLimit) {
    findings.push({
      level: 'warning',
      path,
      also: [],
      problem: 'Prosody closes the whole link at a stanza above 512KiB.',
      suggestion: 'Write at most "480KiB", or raise component_stanza_size_limit in Prosody as well.',
    });
  } else if (stanza > roomyLimit) {
    findings.push({
      level: 'warning',
      path,
      also: [],
      problem: 'This is close to 512KiB, above which Prosody closes the whole link.',
      suggestion: 'Write at most "480KiB", or raise component_stanza_size_limit in Prosody as well.',
    });
  }
  for (const [name, bytes] of [
    ['outBuffer', outBuffer],
    ['memory', memory],
  ] as const) {
    if (bytes >= stanza) continue;
    findings.push({
      level: 'error',
      path: ['limits', name],
      also: [path],
      problem: `The largest stanza, ${formatSize(stanza)}, does not fit in.`,
      suggestion: `Write at least "${formatSize(stanza)}", or lower "stanza".`,
    });
  }
  return findings;
}

function httpFindings({ listen, read, token, tokenFile }: ReadConfig['http']): Finding[] {
  if (listen === undefined || 'path' in listen) return [];
  const findings: Finding[] = [];
  if (read === 'token' && token === undefined && tokenFile === undefined) {
    findings.push({
      level: 'error',
      path: ['http', 'read'],
      also: [['http', 'token']],
      problem: 'There is no token, so nobody can read over TCP.',
      suggestion: 'Write a "token" or a "tokenFile", or "anyone".',
    });
  }
  if (isLoopback(listen)) return findings;
  findings.push({
    level: 'warning',
    path: ['http', 'listen'],
    also: [],
    problem: `Other machines can reach this address, and ${read === 'anyone' ? 'it asks who only reads for' : 'its health and metrics ask for'} no password.`,
    suggestion: `Write "127.0.0.1:${String(listen.port)}", or keep others away by a firewall.`,
  });
  return findings;
}

/** A worker that stands in two lists would have two homes. */
function transferFindings(transfers: ReadConfig['transfers']): readonly Finding[] {
  return (['servers', 'rules'] as const).flatMap((key) => {
    const path = ['transfers', key];
    const first = new Map<string, string>();
    const twice = Object.entries(transfers[key]).flatMap(([server, members]) =>
      members.flatMap((pattern): Finding[] => {
        const other = first.get(pattern);
        first.set(pattern, other ?? server);
        if (other === undefined) return [];
        const problem = `"${pattern}" stands for ${JSON.stringify(other)} as well.`;
        const suggestion = 'Remove it from one of the two.';
        return [{ level: 'error', path: [...path, server], also: [[...path, other]], problem, suggestion }];
      }),
    );
    return [...sameWhenPrepared(path, Object.keys(transfers[key]), readServerName), ...twice];
  });
}

function poolsFindings(config: ReadConfig, isWritten: (path: KeyPath) => boolean): Finding[] {
  const { pools, component } = config;
  const names = Object.keys(pools);
  const none: Finding = {
    level: 'warning',
    path: ['pools'],
    also: [],
    problem: 'There is no pool, so nobody can send anything.',
    suggestion: 'Write a pool, such as "jobs": { "workers": ["worker@example.org"] }.',
  };
  return [
    ...(names.length === 0 ? [none] : []),
    ...Object.entries(pools).flatMap(([name, pool]) => findPoolContradictions(['pools', name], pool, component.domain)),
    ...Object.entries(pools).flatMap(([name, pool]) =>
      findDeliveryContradictions(['pools', name], pool, config, isWritten),
    ),
    ...findRequestContradictions(pools, component.domain),
    ...sameWhenPrepared(['pools'], names, readPoolName),
  ];
}
