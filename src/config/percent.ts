import { complaint, type LeafOptions, type Reading, reading, wrongType } from './leaves.ts';

const form = /^(\d{1,5})%$/;

/** A whole number of percent such as `10%`, once read as a share: 0.1. */
export function percent(
  options: Omit<LeafOptions<string>, 'example'> & { readonly min: number; readonly max: number },
) {
  const example = JSON.stringify(options.fallback ?? `${options.min}%`);
  const kind = 'a share in percent';
  return reading({ ...options, example, kind, error: withoutSign(kind, example) }, (written) =>
    readPercent(written, options, example),
  );
}

/** `off`, which is `undefined`, or a whole number of percent. */
export function percentOrOff(
  options: Omit<LeafOptions<string>, 'example' | 'fallback'> & {
    readonly example: string;
    readonly min: number;
    readonly max: number;
  },
) {
  const example = JSON.stringify(options.example);
  const kind = '"off" or a share in percent';
  return reading(
    { ...options, example, fallback: 'off', kind, error: withoutSign(kind, example) },
    (written): Reading<number | undefined> =>
      written === 'off' ? { value: undefined } : readPercent(written, options, example),
  );
}

function readPercent(
  written: string,
  { min, max }: { readonly min: number; readonly max: number },
  example: string,
): Reading<number> {
  const [, digits] = form.exec(written) ?? [];
  if (digits === undefined) return { complaint: complaint('This is no share.', `Write a share, such as ${example}.`) };
  const number = Number(digits);
  if (number >= min && number <= max) return { value: number / 100 };
  return { complaint: complaint('This share is out of range.', `Write "${min}%" to "${max}%".`) };
}

/** A number may be meant as percent, or as a share of one: nobody should have to guess. */
function withoutSign(kind: string, example: string) {
  return ({ input }: { readonly input?: unknown }) =>
    typeof input === 'number'
      ? complaint('This share has no percent sign.', `Write ${kind}, such as ${example}.`)
      : wrongType(kind, example)({ input });
}
