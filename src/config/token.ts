import { resolve } from 'node:path';
import type { IssueList } from './issue-list.ts';
import { type Layers, valueAt } from './layers.ts';
import { isReadableByAll, type SecretPlace, type SecretSurroundings, secretOfFile } from './secret.ts';

/** Where the token for commands over HTTP is written. */
export const tokenPlace: SecretPlace = { value: ['http', 'token'], file: ['http', 'tokenFile'] };

/** Fewer characters can be guessed. */
const shortest = 16;

/** Finds the token, reading its file when one is named; `undefined` when there is none, or `errors` says why. */
export function findToken(
  layers: Layers,
  from: SecretSurroundings,
  errors: IssueList,
  warnings: IssueList,
): string | undefined {
  const token = valueAt(layers.value, tokenPlace.value);
  const file = valueAt(layers.value, tokenPlace.file);
  if (errors.touches(tokenPlace.value) || errors.touches(tokenPlace.file)) return undefined;
  if (token !== undefined && file !== undefined) {
    const suggestion = 'Remove one of the two.';
    errors.add({ path: tokenPlace.file, problem: 'There are both "token" and "tokenFile".', suggestion });
    return undefined;
  }
  if (typeof file === 'string') {
    const read = secretOfFile(resolve(from.folder, file), tokenPlace.file, errors, warnings);
    return read === undefined ? undefined : checked(read, tokenPlace.file, errors);
  }
  if (typeof token !== 'string') return undefined;
  if (from.file !== undefined && layers.originOf(tokenPlace.value)?.rank === 'file' && isReadableByAll(from.file)) {
    warnings.add({
      path: tokenPlace.value,
      problem: 'Every user of this machine can read the configuration file, and so give commands.',
      suggestion: 'Take that right away (chmod o-r), or keep the token in a file of its own ("tokenFile").',
    });
  }
  return checked(token, tokenPlace.value, errors);
}

/** It is sent in a header, as one word. */
function checked(token: string, path: SecretPlace['value'], errors: IssueList): string | undefined {
  if (token.length >= shortest && /^[\x21-\x7e]+$/.test(token)) return token;
  errors.add({
    path,
    problem: `A token has at least ${shortest} characters of ASCII, and no space.`,
    suggestion: 'Write a long random text, such as that of: openssl rand -hex 32.',
  });
  return undefined;
}
