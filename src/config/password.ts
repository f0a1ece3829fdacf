import { resolve } from 'node:path';
import type { IssueList } from './issue-list.ts';
import { type Layers, valueAt } from './layers.ts';
import { isReadableByAll, type SecretPlace, type SecretSurroundings, secretOfFile } from './secret.ts';

/** Where the password of the database is written. */
export const passwordPlace: SecretPlace = { value: ['store', 'password'], file: ['store', 'passwordFile'] };

/** Finds the password, reading its file when one is named; `undefined` when there is none, or `errors` says why. */
export function findPassword(
  layers: Layers,
  from: SecretSurroundings,
  errors: IssueList,
  warnings: IssueList,
): string | undefined {
  const password = valueAt(layers.value, passwordPlace.value);
  const file = valueAt(layers.value, passwordPlace.file);
  if (errors.touches(passwordPlace.value) || errors.touches(passwordPlace.file)) return undefined;
  if (password !== undefined && file !== undefined) {
    const suggestion = 'Remove one of the two.';
    errors.add({ path: passwordPlace.file, problem: 'There are both "password" and "passwordFile".', suggestion });
    return undefined;
  }
  if (typeof file === 'string') return secretOfFile(resolve(from.folder, file), passwordPlace.file, errors, warnings);
  if (typeof password !== 'string') return undefined;
  if (from.file !== undefined && layers.originOf(passwordPlace.value)?.rank === 'file' && isReadableByAll(from.file)) {
    warnings.add({
      path: passwordPlace.value,
      problem: 'Every user of this machine can read the configuration file.',
      suggestion: 'Take that right away (chmod o-r), or keep the password in a file of its own ("passwordFile").',
    });
  }
  return password;
}
