import { z } from 'zod';
import { formatPath, type KeyPath } from './issue.ts';
import { configSchema } from './schema/schema.ts';

/** One key of the configuration, as JSON schema describes it. */
export type KeyNode = z.core.JSONSchema.BaseSchema;

/** The JSON schema of the configuration as it is written. */
export const jsonSchema: KeyNode = z.toJSONSchema(configSchema, {
  io: 'input',
  // A section that is left out has the defaults of its keys; {} as a default says nothing.
  override: ({ jsonSchema: node }) => {
    if (node.properties !== undefined) delete node.default;
  },
});

/** The key at `path`, or `undefined` when there is none. */
export function keyAt(path: KeyPath): KeyNode | undefined {
  let node: KeyNode | undefined = jsonSchema;
  for (const key of path) {
    node = typeof key === 'number' ? itemOf(node) : childOf(node, key);
    if (node === undefined) return undefined;
  }
  return node;
}

/** The key `name` of an object or of a map. */
export function childOf(node: KeyNode, name: string): KeyNode | undefined {
  const properties = node.properties ?? {};
  const child = Object.hasOwn(properties, name) ? properties[name] : node.additionalProperties;
  return typeof child === 'object' ? child : undefined;
}

/** The names that an object may have, save those for editors. */
export function namesOf(node: KeyNode): readonly string[] {
  return Object.keys(node.properties ?? {}).filter((name) => !name.startsWith('$'));
}

/** True for a map, whose keys are names of the operator's choice. */
export function isMap(node: KeyNode): boolean {
  return typeof node.additionalProperties === 'object';
}

/** The sections that have a key of this name, as people read them: `component`, `pools.*.cmr`. */
export function sectionsWith(name: string, node: KeyNode = jsonSchema, path: KeyPath = []): readonly string[] {
  const here = namesOf(node).includes(name) ? [path.length === 0 ? 'the top level' : formatPath(path)] : [];
  const names = isMap(node) ? ['*'] : namesOf(node);
  const below = names.flatMap((key) => {
    const child = childOf(node, key);
    return child === undefined ? [] : sectionsWith(name, child, [...path, key]);
  });
  return [...here, ...below];
}

function itemOf(node: KeyNode): KeyNode | undefined {
  const items = node.items;
  return typeof items === 'object' && !Array.isArray(items) ? items : undefined;
}
