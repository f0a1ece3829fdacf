import { z } from 'zod';
import { algorithmNames, algorithmOf, urnOf } from '../core/select/table.ts';
import { alternatives, complaint, wrongType } from './leaves.ts';
import { nearest } from './nearest.ts';

/** Everything that the file may call an algorithm: short names, then URNs. */
export const algorithmWords: readonly string[] = [...algorithmNames(), ...algorithmNames().map(urnOf)];

/** An algorithm by short name or URN (XEP-0354 section 4). */
export const algorithm = z
  .string({ error: wrongType('the name of an algorithm', '"roundrobin"') })
  .transform((written, context) => {
    const name = algorithmNames().find((known) => known === written) ?? algorithmOf(written);
    if (name !== undefined) return name;
    context.issues.push({ code: 'custom', message: unknownAlgorithm(written), input: written });
    return z.NEVER;
  })
  .meta({ enum: [...algorithmWords] });

function unknownAlgorithm(written: string): string {
  const known = alternatives(algorithmNames());
  const near = nearest(written, algorithmWords);
  return complaint(
    'There is no such algorithm.',
    near === undefined ? `Write ${known}.` : `Write ${JSON.stringify(near)} (there are ${known}).`,
  );
}
