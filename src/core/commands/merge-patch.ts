/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Deepest nesting of what is taken: the configuration has no deeper place. */
const deepest = 8;

/** `target` with what `patch` says: objects are merged, `null` takes a key out, all else takes its place (RFC 7396). */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const kept = Object.entries(target).filter(([key]) => !Object.hasOwn(patch, key));
  const changed = Object.entries(patch).flatMap(([key, value]): [string, unknown][] => {
    if (value === null) return [];
    if (!isJsonObject(value)) return [[key, value]];
    const before = Object.hasOwn(target, key) ? target[key] : undefined;
    return [[key, mergePatch(isJsonObject(before) ? before : {}, value)]];
  });
  // Unlike assignment this makes a key of any name, `__proto__` too.
  return Object.fromEntries([...kept, ...changed]);
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether `value` is nested so deeply that nothing should walk through it. */
export function isTooDeep(value: unknown, left = deepest): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((each) => isTooDeep(each, left - 1));
}
