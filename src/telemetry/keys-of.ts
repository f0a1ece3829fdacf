/** The keys of a table that has exactly the keys of its type, such as a literal checked by `satisfies`. */
export function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys knows no key types
  return Object.keys(table) as Key[];
}
