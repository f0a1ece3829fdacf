import { closeSync, constants, openSync } from 'node:fs';

/**
 * Makes an empty file that only its owner may read, unless there is one: who wrote to whom is nobody
 * else's business. SQLite gives its log the same rights.
 */
export function makePrivate(file: string): void {
  closeSync(openSync(file, constants.O_CREAT | constants.O_RDWR, 0o600));
}
