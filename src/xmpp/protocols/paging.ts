import type { Element } from 'ltx';
import type { PageRequest } from '../../core/envelope.ts';
import type { PageInfo } from '../../core/requests/answer.ts';
import { escapeText } from '../codec/escape.ts';
import { ns } from '../codec/namespaces.ts';

/** The `<set/>` of a request (XEP-0059 section 2), `undefined` when it has none. */
export function readPage(query: Element): PageRequest | 'malformed' | undefined {
  const sets = query.getChildElements().filter((child) => child.is('set', ns.rsm));
  const [set] = sets;
  if (set === undefined) return undefined;
  const texts = new Map(set.getChildElements().map((child) => [child.getName(), child.getText()]));
  const max = readNumber(texts.get('max'));
  const index = readNumber(texts.get('index'));
  const after = texts.get('after');
  const before = texts.get('before');
  const starts = [after, before, index].filter((start) => start !== undefined).length;
  if (sets.length > 1 || max === 'malformed' || index === 'malformed' || after === '' || starts > 1) return 'malformed';
  return { max, after, before, index };
}

/** The `<set/>` of an answer (XEP-0059, example 3). */
export function writePage({ first, last, count }: PageInfo): string {
  const from = first === undefined ? '' : `<first index='${first.index}'>${escapeText(first.id)}</first>`;
  const to = last === undefined ? '' : `<last>${escapeText(last)}</last>`;
  return `<set xmlns='${ns.rsm}'>${from}${to}<count>${count}</count></set>`;
}

function readNumber(text: string | undefined): number | 'malformed' | undefined {
  if (text === undefined) return undefined;
  return /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : 'malformed';
}
