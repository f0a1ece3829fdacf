import type { KeyPath } from './issue.ts';
import { formatPath } from './issue.ts';
import { childOf, isMap, jsonSchema, type KeyNode, namesOf } from './keys.ts';
import { isObject, type Layers, valueAt } from './layers.ts';
import { mayBeSecret } from './show.ts';

/** One value that the router runs with. */
export interface EffectiveSetting {
  readonly path: string;
  readonly keys: KeyPath;
  /** As it would be written in the file; the secret is not shown. */
  readonly value: string;
  /** `file NAME:LINE`, `made by WHOM, WHEN`, `environment NAME`, `flag` or `default`. */
  readonly source: string;
}

/** Every value in force, written or by default, in the order of the schema. */
export function effectiveSettings(layers: Layers): readonly EffectiveSetting[] {
  return settingsBelow(layers, jsonSchema, []);
}

function settingsBelow(layers: Layers, node: KeyNode, path: KeyPath): readonly EffectiveSetting[] {
  const standing = valueAt(layers.value, path);
  const names = isMap(node) ? Object.keys(isObject(standing) ? standing : {}) : namesOf(node);
  return names.flatMap((name) => {
    const child = childOf(node, name);
    const below = [...path, name];
    if (child === undefined) return [];
    const section = child.properties !== undefined || (isMap(child) && valueAt(layers.value, below) !== undefined);
    return section ? settingsBelow(layers, child, below) : setting(layers, child, below);
  });
}

function setting(layers: Layers, node: KeyNode, path: KeyPath): readonly EffectiveSetting[] {
  const written = valueAt(layers.value, path);
  const value = written ?? node.default;
  if (value === undefined || (written === undefined && isIdle(layers, path))) return [];
  const shown = mayBeSecret(path) ? '(not shown)' : JSON.stringify(value);
  const source = written === undefined ? 'default' : (layers.originOf(path)?.text ?? 'default');
  return [{ path: formatPath(path), keys: path, value: shown, source }];
}

/** Whether a default rules nothing: what another driver reads, or what a pool that promises nothing would promise. */
function isIdle(layers: Layers, [section, pool = '', part, key]: KeyPath): boolean {
  if (section === 'store') {
    const postgres = valueAt(layers.value, ['store', 'driver']) === 'postgres';
    return postgres ? pool === 'file' : pool === 'schema' || pool === 'allowUnsafe';
  }
  if (section !== 'pools' || part !== 'delivery' || key === 'guarantee') return false;
  const [guarantee, hints] = ['guarantee', 'hints'].map((name) => valueAt(layers.value, [section, pool, part, name]));
  return guarantee !== 'at-least-once' && !(Array.isArray(hints) && hints.includes('at-least-once'));
}
