import { StoreError } from '../error.ts';
import { codeOf, errorFor, type Meaning } from '../meaning.ts';

const readOnly: Meaning = {
  kind: 'read-only',
  problem: 'the file or its directory cannot be written',
  advice: 'Give the service user write permission on both, or name another file in store.file.',
};
const full: Meaning = {
  kind: 'full',
  problem: 'there is no room to write',
  advice: 'Free some space; changes are taken again as soon as there is room.',
};
const noDirectory: Meaning = {
  kind: 'no-directory',
  problem: 'the directory does not exist and could not be made',
  advice: 'Create it, or name another file in store.file.',
};
const locked: Meaning = {
  kind: 'locked',
  problem: 'another process holds the database',
  advice: 'Stop the other Switchyard, or whatever keeps a transaction open on this file.',
};
const corrupt: Meaning = {
  kind: 'corrupt',
  problem: 'the database is damaged',
  advice: 'It was left as it is. Restore a copy, or move it away to start with an empty one.',
};
const notADatabase: Meaning = {
  kind: 'not-a-database',
  problem: 'the file is no SQLite database',
  advice: 'It was left as it is. Name another file in store.file.',
};
const refused: Meaning = {
  kind: 'refused',
  problem: 'the database does not take this change',
  advice: 'This is an error in Switchyard: please report it.',
};
const noDriver: Meaning = {
  kind: 'no-driver',
  problem: 'better-sqlite3, which reads and writes the database, has no program for this Node.js',
  advice:
    'Type `npm rebuild better-sqlite3` where Switchyard is installed, with the Node.js that runs it; if npm then says that it runs no install scripts, allow that of better-sqlite3.',
};
const io: Meaning = { kind: 'io', problem: 'the database failed', advice: 'Check the disk and the system log.' };

/** By the code of the operating system or of SQLite; of the latter also by its first part. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ['EACCES', readOnly],
  ['EPERM', readOnly],
  ['EROFS', readOnly],
  ['SQLITE_READONLY', readOnly],
  ['SQLITE_CANTOPEN', readOnly],
  ['ENOSPC', full],
  ['EDQUOT', full],
  ['SQLITE_FULL', full],
  ['SQLITE_IOERR_SHMSIZE', full],
  ['ENOENT', noDirectory],
  ['ENOTDIR', noDirectory],
  ['EEXIST', noDirectory],
  ['EISDIR', notADatabase],
  ['SQLITE_BUSY', locked],
  ['SQLITE_LOCKED', locked],
  ['SQLITE_CORRUPT', corrupt],
  ['SQLITE_NOTADB', notADatabase],
  ['SQLITE_CONSTRAINT', refused],
  ['SQLITE_MISMATCH', refused],
  ['SQLITE_TOOBIG', refused],
  ['ERR_DLOPEN_FAILED', noDriver],
]);

/** What an error of SQLite or of the file system means to an operator. A `StoreError` is returned as it is. */
export function failureOf(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const family = code.split('_').slice(0, 2).join('_');
  const wrongType = error instanceof TypeError || error instanceof RangeError;
  // Its text, which has no code, goes on with a dozen paths.
  if (text.startsWith('Could not locate the bindings file'))
    return new StoreError(noDriver.kind, file, `${noDriver.problem}.`, noDriver.advice);
  const meaning = meanings.get(code) ?? meanings.get(family) ?? (wrongType ? refused : io);
  // Errors of the operating system begin with their code as it is.
  const cause = code === '' || text.startsWith(code) ? text : `${code}: ${text}`;
  return errorFor(meaning, file, cause);
}
