import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { IssueList } from './issue-list.ts';
import { type Layers, valueAt } from './layers.ts';

/** A secret may be written into the configuration, or into a file of its own. */
export interface SecretPlace {
  readonly value: readonly string[];
  readonly file: readonly string[];
}

const secretPath = ['component', 'secret'] as const;
const filePath = ['component', 'secretFile'] as const;
/** Where the secret shared with the server is written. */
export const secretPlace: SecretPlace = { value: secretPath, file: filePath };

/** What the example in the documentation says. */
const example = 'change-me';

/**
 * Of `secret` and `secretFile`, keeps the one that a stronger source gave: a secret in the
 * environment takes the place of the file's `secretFile`, and the other way round.
 */
export function preferStrongerSecret(layers: Layers, place: SecretPlace): void {
  const strength = { file: 0, made: 1, environment: 2, flag: 3 };
  if (valueAt(layers.value, place.value) === undefined || valueAt(layers.value, place.file) === undefined) return;
  const secret = layers.originOf(place.value);
  const file = layers.originOf(place.file);
  if (secret === undefined || file === undefined || secret.rank === file.rank) return;
  layers.delete(strength[secret.rank] > strength[file.rank] ? place.file : place.value);
}

/** Where a secret may come from. */
export interface SecretSurroundings {
  /** The configuration file. */
  readonly file: string | undefined;
  /** Folder that relative paths start from. */
  readonly folder: string;
}

/** A secret, and where it is written. */
export interface FoundSecret {
  readonly secret: string;
  /** For people: the key, and the file or the variable. */
  readonly secretFrom: string;
}

/** Finds the secret, reading its file when one is named. `undefined` when `errors` says why. */
export function findSecret(
  layers: Layers,
  from: SecretSurroundings,
  errors: IssueList,
  warnings: IssueList,
): FoundSecret | undefined {
  const secret = valueAt(layers.value, secretPath);
  const file = valueAt(layers.value, filePath);
  if (secret !== undefined && file !== undefined) {
    const suggestion = 'Remove one of the two.';
    errors.add({ path: filePath, problem: 'There are both "secret" and "secretFile".', suggestion });
    return undefined;
  }
  if (errors.touches(secretPath) || errors.touches(filePath)) return undefined;
  if (typeof file === 'string') {
    const path = resolve(from.folder, file);
    const read = secretOfFile(path, filePath, errors, warnings);
    return read === undefined ? undefined : { secret: read, secretFrom: `component.secretFile (${path})` };
  }
  if (typeof secret === 'string') {
    warnOfSecret(secret, from.file, layers, warnings);
    return { secret, secretFrom: `component.secret (${layers.originOf(secretPath)?.text ?? 'default'})` };
  }
  errors.add({ path: secretPath, problem: 'There is no secret.', suggestion: 'Write "secret" or "secretFile".' });
  return undefined;
}

function warnOfSecret(secret: string, file: string | undefined, layers: Layers, warnings: IssueList): void {
  if (secret === example) {
    warnings.add({
      path: secretPath,
      problem: 'This is the secret of the example, known to everyone.',
      suggestion: 'Write a secret of your own here and into the configuration of the server.',
    });
  } else if (file !== undefined && layers.originOf(secretPath)?.rank === 'file' && isReadableByAll(file)) {
    warnings.add({
      path: secretPath,
      problem: 'Every user of this machine can read the configuration file.',
      suggestion: 'Take that right away (chmod o-r), or keep the secret in a file of its own ("secretFile").',
    });
  }
}

/** What stands in `file`, which the key at `path` names; `undefined` when `errors` says why. */
export function secretOfFile(
  file: string,
  path: readonly string[],
  errors: IssueList,
  warnings: IssueList,
): string | undefined {
  const read = readSecretFile(file);
  if ('problem' in read) {
    errors.add({ path, ...read });
    return undefined;
  }
  if (isReadableByAll(file)) {
    warnings.add({
      path,
      problem: 'Every user of this machine can read the file.',
      suggestion: 'Take that right away (chmod o-r).',
    });
  }
  return read.secret;
}

function readSecretFile(
  file: string,
): { readonly secret: string } | { readonly problem: string; readonly suggestion: string } {
  const suggestion =
    'Name a text file that holds nothing but the secret and that the user who runs the router can read.';
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    const secret = text.replace(/\r?\n$/, '');
    if (secret.trim() === '') return { problem: 'The file is empty.', suggestion: 'Write the secret into it.' };
    if (/[\r\n]/.test(secret)) return { problem: 'The file has more than one line.', suggestion };
    return { secret };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return { problem: fileProblem(code), suggestion };
  }
}

/** Why a file cannot be read, in words, by the code of the system's error. */
export function fileProblem(code: string): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'There is no such file.';
  if (code === 'EACCES' || code === 'EPERM') return 'The file cannot be read: permission denied.';
  if (code === 'EISDIR') return 'This is a directory, not a file.';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'The file is not UTF-8 text.';
  return `The file cannot be read (${code}).`;
}

/** Whether every user of the machine can read a file. */
export function isReadableByAll(file: string): boolean {
  return (statSync(file).mode & 0o004) !== 0;
}
