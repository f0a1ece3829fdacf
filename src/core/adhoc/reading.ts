/** The value of a key, in whatever an answer is. */
export function valueAt(answer: unknown, key: string): unknown {
  const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, key) : undefined;
  return value;
}

/** The rows of an answer that is a list. */
export function rowsOf(answer: unknown, key: string): readonly unknown[] {
  const rows = valueAt(answer, key);
  return isList(rows) ? rows : [];
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
