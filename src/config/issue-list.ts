import { type ConfigIssue, formatPath, type KeyPath } from './issue.ts';
import { type Layers, valueAt } from './layers.ts';
import { showValue } from './show.ts';

/** What is said about one place. `found` is given only where the value itself must not or cannot be shown. */
export interface Remark {
  readonly path: KeyPath;
  readonly problem: string;
  readonly suggestion: string;
  readonly found?: string;
  /** The key that was probably meant: nothing more is said of it. */
  readonly meant?: KeyPath;
  /** Where it was written, when `path` leads to no value. */
  readonly source?: string;
}

/** Collects what is wrong, so that one cause is told once. */
export class IssueList {
  readonly #layers: Layers;
  readonly #told: KeyPath[] = [];
  readonly #issues: ConfigIssue[] = [];

  constructor(layers: Layers) {
    this.#layers = layers;
  }

  get issues(): readonly ConfigIssue[] {
    return this.#issues;
  }

  /** Adds a remark unless the same place, or what holds it, was found wrong before. */
  add(remark: Remark): void {
    if (remark.path.length > 0 && this.#told.some((told) => startsWith(remark.path, told))) return;
    if (remark.source === undefined || remark.path.length > 0) this.#told.push(remark.path);
    if (remark.meant !== undefined) this.#told.push(remark.meant);
    this.#issues.push({
      path: formatPath(remark.path),
      found: remark.found ?? showValue(remark.path, valueAt(this.#layers.value, remark.path)),
      problem: remark.problem,
      suggestion: remark.suggestion,
      source: remark.source ?? this.#layers.originOf(remark.path)?.text ?? 'default',
    });
  }

  /** True when the place itself, what holds it, or something in it was found wrong. */
  touches(path: KeyPath): boolean {
    return this.#told.some((told) => startsWith(path, told) || startsWith(told, path));
  }
}

function startsWith(path: KeyPath, start: KeyPath): boolean {
  return start.every((key, index) => path[index] === key);
}
