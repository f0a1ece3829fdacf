import type { Overview } from '../../../src/core/commands/overview.ts';
import { isRecord } from './answer.ts';

/** Whether a router of another version has not sent something else under this name. */
export function isOverview(value: unknown): value is Overview {
  return (
    isRecord(value) &&
    typeof value['at'] === 'string' &&
    (value['router'] === null || (isRecord(value['router']) && isRecord(value['router']['link']))) &&
    isListOf(value['pools'], 'pool', 'counts')
  );
}

type Instance = NonNullable<NonNullable<Overview['router']>['instance']>;

/** Which of several instances answers; `undefined` where there is but one, or where it is of a version that says less. */
export function instanceOf(overview: Overview | undefined): Instance | undefined {
  const instance = overview?.router?.instance ?? undefined;
  return isListOf(instance?.others, 'name', 'differs') ? instance : undefined;
}

/** Whether each item of a list is an object with these keys. */
export function isListOf(value: unknown, ...keys: readonly string[]): boolean {
  return Array.isArray(value) && value.every((item) => isRecord(item) && keys.every((key) => key in item));
}
