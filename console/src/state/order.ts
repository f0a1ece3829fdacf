/** An order; `down`: the largest first. */
export interface Order<Column extends string> {
  readonly by: Column;
  readonly down: boolean;
}

/** In order; what is equal stands by name, and what has no value last. */
export function sorted<Row, Column extends string>(
  rows: readonly Row[],
  { by, down }: Order<Column>,
  value: (row: Row, column: Column) => number | string | undefined,
  name: (row: Row) => string,
): readonly Row[] {
  const keyed = rows.map((row) => ({ row, key: value(row, by), name: name(row) }));
  keyed.sort((a, b) => {
    const known = Number(a.key === undefined) - Number(b.key === undefined);
    const difference = known === 0 ? byKey(a.key, b.key) : 0;
    return known || (down ? -difference : difference) || byText(a.name, b.name);
  });
  return keyed.map(({ row }) => row);
}

function byKey(a: number | string | undefined, b: number | string | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return byText(String(a ?? ''), String(b ?? ''));
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function byText(a: string, b: string): number {
  return collator.compare(a, b);
}
