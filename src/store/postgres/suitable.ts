import { StoreError } from '../error.ts';
import type { ConnectionSettings } from './settings.ts';

/** What a server says about itself. */
export interface Condition {
  readonly version: number;
  readonly recovery: boolean;
  readonly readonly: string;
  readonly fsync: string;
  readonly pages: string;
  readonly commit: string;
  readonly encoding: string;
}

/** Asks a server whether it can be used. */
export const conditionQuery = `select current_setting('server_version_num')::int as version, pg_is_in_recovery() as recovery,
  current_setting('transaction_read_only') as readonly, current_setting('fsync') as fsync,
  current_setting('full_page_writes') as pages, current_setting('synchronous_commit') as commit,
  current_setting('server_encoding') as encoding`;

const oldest = 150_000;

/**
 * Why a server of this condition is not used: a standby or a read-only one, one that is too old, or one that may lose what it
 * has confirmed. `undefined` when it is used.
 * @param place For the error.
 */
export function unsuitable(found: Condition, place: string, settings: ConnectionSettings): StoreError | undefined {
  if (found.recovery) {
    return new StoreError(
      'read-only',
      place,
      'it is a standby, and takes no writes.',
      'Name the primary in store.url too.',
    );
  }
  if (found.readonly !== 'off') {
    const advice = 'Set default_transaction_read_only to off, for the server, the database and the role.';
    return new StoreError('read-only', place, 'its transactions are read-only.', advice);
  }
  if (found.version < oldest) {
    const version = String(Math.floor(found.version / 10_000));
    return new StoreError('denied', place, `it is PostgreSQL ${version}.`, 'Use PostgreSQL 15 or newer.');
  }
  if (found.encoding !== 'UTF8') {
    const problem = `the encoding of the database is ${found.encoding}.`;
    return new StoreError('denied', place, problem, "Create one with encoding 'UTF8' (template0).");
  }
  return settings.allowUnsafe ? undefined : unsafe(found, place);
}

function unsafe(found: Condition, place: string): StoreError | undefined {
  const off = [
    ...(found.fsync === 'off' ? ['fsync'] : []),
    ...(found.pages === 'off' ? ['full_page_writes'] : []),
    ...(found.commit === 'off' ? ['synchronous_commit'] : []),
  ];
  if (off.length === 0) return undefined;
  const problem = `${off.join(' and ')} ${off.length === 1 ? 'is' : 'are'} off, so a crash can lose what was confirmed.`;
  const advice = 'Set it to on, for the server, the database and the role, or write "allowUnsafe": true into "store".';
  return new StoreError('unsafe', place, problem, advice);
}

/** Which of the reasons of several hosts decides what is to be done; the first that is among them. */
const gravest = ['unsafe', 'denied', 'read-only', 'unreachable'] as const;

/** One error for all hosts. @param reasons One for each, in their order. */
export function noHost(reasons: readonly StoreError[], place: string): StoreError {
  const [first, ...others] = reasons;
  const kind = gravest.find((name) => reasons.some((reason) => reason.kind === name)) ?? 'unreachable';
  const telling = reasons.find((reason) => reason.kind === kind) ?? first;
  const advice = telling?.advice ?? 'Name a host in store.url.';
  if (first !== undefined && others.length === 0) return new StoreError(first.kind, place, first.problem, advice);
  const problem = `no host can be used: ${reasons.map(({ file, problem }) => `${file}: ${problem}`).join(' ')}`;
  return new StoreError(kind, place, problem, advice);
}
