import type { KeyPath } from '../issue.ts';
import type { ReadConfig } from '../schema/schema.ts';
import { isLoopback } from '../service.ts';
import type { Finding } from './finding.ts';

/** Keys that mean something to `postgres` alone. */
const ofPostgres = ['url', 'password', 'passwordFile', 'schema', 'allowUnsafe'] as const;

const driver = ['store', 'driver'];

/** What is contradictory or doubtful in where the state is kept. */
export function findStoreContradictions(
  store: ReadConfig['store'],
  isWritten: (path: KeyPath) => boolean,
): readonly Finding[] {
  if (store.driver === 'postgres') return postgresFindings(store, isWritten);
  const unread = ofPostgres
    .map((key) => ['store', key])
    .filter(isWritten)
    .map(
      (path): Finding => ({
        level: 'error',
        path,
        also: [driver],
        problem: `The driver "${store.driver}" does not read this.`,
        suggestion: 'Write "postgres" for "driver", or remove this key.',
      }),
    );
  return store.driver === 'memory' ? [...unread, forgetful] : unread;
}

const forgetful: Finding = {
  level: 'warning',
  path: driver,
  also: [],
  problem: 'Workers and preferences are forgotten when the router ends.',
  suggestion: 'Write "sqlite" to keep them.',
};

function postgresFindings(store: ReadConfig['store'], isWritten: (path: KeyPath) => boolean): Finding[] {
  const { url, allowUnsafe } = store;
  const path = ['store', 'url'];
  const findings: Finding[] = [];
  if (url === undefined) {
    const problem = 'The driver "postgres" needs to know where the database is.';
    const suggestion = 'Write "url", such as "postgresql://switchyard@db.example.org/switchyard".';
    if (!isWritten(path)) findings.push({ level: 'error', path, also: [driver], problem, suggestion });
  } else if (url.tls !== 'verify-full' && url.hosts.some(isFar)) {
    findings.push({
      level: 'warning',
      path,
      also: [],
      problem: `With sslmode=${url.tls} who stands between can pretend to be the database.`,
      suggestion: 'Write sslmode=verify-full, and sslrootcert if its authority is your own.',
    });
  }
  if (allowUnsafe) {
    findings.push({
      level: 'warning',
      path: ['store', 'allowUnsafe'],
      also: [],
      problem: 'Messages that were accepted may be lost when the machine of the database crashes.',
      suggestion: 'Let the database sync what it confirms, and remove this key.',
    });
  }
  if (isWritten(['store', 'file'])) {
    findings.push({
      level: 'warning',
      path: ['store', 'file'],
      also: [],
      problem: 'A router with the driver "postgres" does not read this.',
      suggestion: 'Keep it only to move what the file holds.',
    });
  }
  return findings;
}

function isFar({ host, port }: { readonly host: string; readonly port: number }): boolean {
  return !host.startsWith('/') && !isLoopback({ host, port });
}
