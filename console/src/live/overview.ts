import type { PoolSummary } from '../../../src/core/commands/pool-report.ts';
import type { QueueReport } from '../../../src/core/commands/queue-report.ts';
import { isRecord } from './answer.ts';

/** A pool as the overview shows it; see `service.overview`. */
export interface PoolOverview extends PoolSummary {
  readonly title: string | null;
  /** Messages since the start of the router. */
  readonly counts: { readonly received: number; readonly delivered: number; readonly refused: number };
  readonly queue: QueueReport | null;
  readonly stalled: boolean;
}

/** The router as the overview shows it to an administrator. */
export interface RouterOverview {
  readonly domain: string;
  readonly version: string;
  readonly started: string;
  readonly link: { readonly up: boolean; readonly since: string | null };
  readonly store: { readonly kind: string; readonly failed: boolean };
  readonly ready: boolean;
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
  /** Bytes. */
  readonly memory: { readonly rss: number; readonly heap: number };
  /** Milliseconds, the 99th percentile of late. */
  readonly loopDelay: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

/** The answer of `service.overview`. */
export interface Overview {
  readonly at: string;
  readonly router: RouterOverview | null;
  readonly pools: readonly PoolOverview[];
}

/** Whether a router of another version has not sent something else under this name. */
export function isOverview(value: unknown): value is Overview {
  return (
    isRecord(value) &&
    typeof value['at'] === 'string' &&
    (value['router'] === null || (isRecord(value['router']) && isRecord(value['router']['link']))) &&
    isListOf(value['pools'], 'pool', 'counts')
  );
}

/** Whether each item of a list is an object with these keys. */
export function isListOf(value: unknown, ...keys: readonly string[]): boolean {
  return Array.isArray(value) && value.every((item) => isRecord(item) && keys.every((key) => key in item));
}
