import { z } from 'zod';
import { readPattern } from '../addresses.ts';
import { complaint, type Reading, reading, wrongType } from '../leaves.ts';

const patternHelp = 'A list of access patterns, such as `worker@example.org`, `*@example.org` or `*`.';

const pattern = reading(
  { kind: 'an access pattern', example: '"worker@example.org"', description: 'An access pattern.' },
  readPattern,
);

/** A key of a map that must be readable; it stays as written, so that errors can name it. */
export function checkedKey(read: (text: string) => Reading<string>) {
  return z.string().superRefine((key, context) => {
    const result = read(key);
    if ('complaint' in result) context.addIssue({ code: 'custom', message: result.complaint });
  });
}

/** A list of access patterns; `least` of them at least. */
export function patterns(options: {
  readonly description: string;
  readonly least: number;
  readonly fallback?: readonly string[];
}) {
  const anyList = z.array(pattern, { error: wrongType('a list of access patterns', '["worker@example.org"]') });
  const error = () =>
    complaint('This list is empty.', 'Write at least one access pattern, such as ["worker@example.org"].');
  const list = options.least === 0 ? anyList : anyList.min(options.least, { error });
  const meta = { description: `${options.description} ${patternHelp}` };
  return options.fallback === undefined ? list.meta(meta) : list.prefault([...options.fallback]).meta(meta);
}
