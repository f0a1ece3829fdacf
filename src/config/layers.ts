import type { KeyPath } from './issue.ts';
import { pathKey } from './json.ts';

/** Who wins: flags over environment over what was made while the router ran, which stands beside the file. */
export type Rank = 'file' | 'made' | 'environment' | 'flag';

/** Where a value was written. */
export interface Origin {
  readonly rank: Rank;
  /** For people: `file NAME:LINE`, `made by WHOM, WHEN`, `environment NAME`, `flag`. */
  readonly text: string;
}

/** Values from several sources in one tree, each with its origin. */
export class Layers {
  #root: unknown = {};
  readonly #origins = new Map<string, Origin>();

  /** The tree: plain objects, lists and scalars, as written. */
  get value(): unknown {
    return this.#root;
  }

  /** The same again, to be changed on its own. */
  clone(): Layers {
    const copy = new Layers();
    copy.replaceRoot(structuredClone(this.#root), this.#origins);
    return copy;
  }

  /** Replaces everything. `origins` holds the origin of each path by `pathKey`. */
  replaceRoot(value: unknown, origins: ReadonlyMap<string, Origin>): void {
    this.#root = value;
    this.#origins.clear();
    for (const [key, origin] of origins) this.#origins.set(key, origin);
  }

  /** Writes a value, with the objects above it. Does nothing where something else than an object stands above. */
  set(path: KeyPath, value: unknown, origin: Origin): void {
    const name = path.at(-1);
    if (name === undefined) return;
    const parent = this.#parent(path, origin);
    if (parent === undefined) return;
    this.delete(path);
    define(parent, String(name), value);
    this.#origins.set(pathKey(path), origin);
  }

  /** Removes a value and the origins of all below it. */
  delete(path: KeyPath): void {
    const parent = valueAt(this.#root, path.slice(0, -1));
    const name = path.at(-1);
    if (isObject(parent) && name !== undefined) delete parent[name];
    const own = pathKey(path);
    for (const key of this.#origins.keys()) {
      if (key === own || key.startsWith(`${own.slice(0, -1)},`)) this.#origins.delete(key);
    }
  }

  /** The origin of the value at `path`: its own, or that of the nearest object that holds it. */
  originOf(path: KeyPath): Origin | undefined {
    for (let length = path.length; length >= 0; length -= 1) {
      const origin = this.#origins.get(pathKey(path.slice(0, length)));
      if (origin !== undefined) return origin;
    }
    return undefined;
  }

  #parent(path: KeyPath, origin: Origin): Record<string, unknown> | undefined {
    let at = this.#root;
    for (const [index, key] of path.slice(0, -1).entries()) {
      if (!isObject(at)) return undefined;
      if (!Object.hasOwn(at, key)) {
        define(at, String(key), {});
        this.#origins.set(pathKey(path.slice(0, index + 1)), origin);
      }
      at = at[key];
    }
    return isObject(at) ? at : undefined;
  }
}

/** The value at `path` of a tree, or `undefined`. */
export function valueAt(tree: unknown, path: KeyPath): unknown {
  let at = tree;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

/** True for an object that is no list. */
export function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
