import type { Command } from '../commands/command.ts';
import type { Field } from '../commands/field.ts';
import { ownCopy } from '../memory/own-copy.ts';
import type { Filled } from './form.ts';
import { isPagingField } from './paging.ts';

/** Most characters that one form may hold: it is kept while the session lasts. */
const longest = 32_768;
/** Every form has a field of this name, which says what form it is (XEP-0068). */
export const formTypeName = 'FORM_TYPE';
/** The pool that a command is about; not asked for where the command is given at the pool itself. */
const poolName = 'pool';

/** The fields that a form asks for: at a pool all but the pool. */
export function askedFields(command: Command, pool: string | undefined): readonly Field<unknown>[] {
  return command.fields.filter(
    ({ name }) => !(pool !== undefined && name === poolName) && !isPagingField(command, name),
  );
}

/** What was filled in, to be kept; `undefined` when that is too much. */
export function keepFilled(filled: Filled): Filled | undefined {
  let length = 0;
  const kept = new Map<string, readonly string[]>();
  for (const [name, values] of filled) {
    if (name === formTypeName) continue;
    length += values.reduce((sum, value) => sum + value.length, name.length);
    if (length > longest) return undefined;
    kept.set(ownCopy(name), values.map(ownCopy));
  }
  return kept;
}

/**
 * What the command is given: a text for each field, or a list of them. It may name things that the
 * command does not have.
 * @param pool The pool at whose address the command is given.
 */
export function givenWith(command: Command, filled: Filled, pool: string | undefined): Record<string, unknown> {
  const given: Record<string, unknown> = Object.fromEntries(
    [...filled].map(([name, values]) => [
      name,
      textsOf(
        command.fields.find((field) => field.name === name),
        values,
      ),
    ]),
  );
  return pool === undefined ? given : { ...given, [poolName]: pool };
}

/** Whether a form names another pool than the one at whose address it was sent. */
export function namesAnother(filled: Filled, pool: string | undefined): boolean {
  const named = filled.get(poolName)?.join('').trim();
  return pool !== undefined && named !== undefined && named !== '' && named !== pool;
}

function textsOf(field: Field<unknown> | undefined, values: readonly string[]): unknown {
  const texts = values.map((value) => value.trim());
  if (field?.kind === 'list') return texts.filter((text) => text !== '');
  return texts.length === 0 ? undefined : texts.join('\n');
}
