/** What went wrong, for code that decides; the message is for people. */
export type StoreErrorKind =
  | 'corrupt' // a database of ours, but damaged
  | 'not-a-database' // the file is something else
  | 'foreign' // a database of another program
  | 'newer' // written by a newer version
  | 'changed-migration' // a migration that was applied has other content now
  | 'invalid-migrations' // the package's own migration files are incomplete
  | 'exists' // a file that would be written over
  | 'missing' // a file that should be there
  | 'locked' // in use by another process
  | 'read-only' // the file or its directory cannot be written
  | 'no-directory' // the directory is missing and cannot be made
  | 'full' // no room on the disk
  | 'no-driver' // the library that reads databases has no program for this Node.js
  | 'io' // any other failure of the disk or the database
  | 'refused' // a change that the database does not take
  | 'stale' // a step of a delivery that is not as the change says, or is no more
  | 'overflow' // too many changes pending
  | 'writer-died' // the writer thread ended; a step of a delivery is not stored, another change may or may not be
  | 'closed' // the store was closed
  | 'unreachable' // no host of the database answers, or none takes writes
  | 'denied' // the database does not let us in, or lacks a right that is needed
  | 'unsafe' // the database may lose what it has confirmed
  | 'fenced' // another instance has the lease
  | 'moved'; // its content went to another database, or has not all arrived from one

/** An error of the store. `message` holds the file's path, what is wrong, and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;
  /** Path of the database; `:memory:` for the store without one. */
  readonly file: string;
  readonly problem: string;
  /** What the operator can do. */
  readonly advice: string;

  constructor(kind: StoreErrorKind, file: string, problem: string, advice: string) {
    super(`${file}: ${problem} ${advice}`);
    this.kind = kind;
    this.file = file;
    this.problem = problem;
    this.advice = advice;
  }
}
