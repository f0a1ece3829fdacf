import type { PageRequest } from '../envelope.ts';
import type { PageInfo } from '../requests/answer.ts';

/** Most items of one answer; a longer list comes in pages. */
const pageSize = 50;

/** A part of a list, and what is told of the whole. */
interface Page<T> {
  readonly items: readonly T[];
  /** `undefined` when the answer is the whole list and nobody asked for pages. */
  readonly info: PageInfo | undefined;
}

/**
 * The part of `list` that `request` asks for (XEP-0059), at most 50 items. `undefined` when it
 * names an item or a place that the list does not have. The list has a stable order.
 *
 * @param idOf What names an item to the one who asks.
 */
export function pageOf<T>(
  list: readonly T[],
  request: PageRequest | undefined,
  idOf: (item: T) => string,
): Page<T> | undefined {
  if (request === undefined && list.length <= pageSize) return { items: list, info: undefined };
  const size = Math.min(request?.max ?? pageSize, pageSize);
  const start = startOf(list, request, size, idOf);
  if (start === undefined) return undefined;
  const end = request?.before ? placeOf(list, request.before, idOf) : list.length;
  const items = list.slice(start, Math.min(start + size, end));
  return { items, info: infoOf(items, start, list.length, idOf) };
}

function startOf<T>(
  list: readonly T[],
  request: PageRequest | undefined,
  size: number,
  idOf: (item: T) => string,
): number | undefined {
  const { after, before, index } = request ?? {};
  if (after !== undefined) {
    const place = placeOf(list, after, idOf);
    return place < 0 ? undefined : place + 1;
  }
  if (before !== undefined) {
    const end = before === '' ? list.length : placeOf(list, before, idOf);
    return end < 0 ? undefined : Math.max(0, end - size);
  }
  return index === undefined || index === 0 || index < list.length ? (index ?? 0) : undefined;
}

function placeOf<T>(list: readonly T[], id: string, idOf: (item: T) => string): number {
  return list.findIndex((item) => idOf(item) === id);
}

function infoOf<T>(items: readonly T[], start: number, count: number, idOf: (item: T) => string): PageInfo {
  const [first] = items;
  const last = items.at(-1);
  if (first === undefined || last === undefined) return { first: undefined, last: undefined, count };
  return { first: { id: idOf(first), index: start }, last: idOf(last), count };
}
