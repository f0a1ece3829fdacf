import type { Answer } from '../../core/requests/answer.ts';
import { escapeAttribute } from '../codec/escape.ts';
import { ns } from '../codec/namespaces.ts';
import { writeForm } from './form.ts';
import { readPage, writePage } from './paging.ts';
import type { RequestReader } from './request-reader.ts';

/** XEP-0030 section 3.1. */
export const readDiscoInfo: RequestReader = (child, type) =>
  type === 'get' && child.getName() === 'query' ? { name: 'disco-info', node: child.attrs['node'] } : undefined;

/** XEP-0030 section 4.1. */
export const readDiscoItems: RequestReader = (child, type) =>
  type === 'get' && child.getName() === 'query'
    ? { name: 'disco-items', node: child.attrs['node'], page: readPage(child) }
    : undefined;

export function writeDiscoInfo(answer: Answer & { name: 'disco-info' }): string {
  let inner = '';
  for (const { category, type, name } of answer.identities) {
    inner += `<identity category='${escapeAttribute(category)}' type='${escapeAttribute(type)}' name='${escapeAttribute(name)}'/>`;
  }
  for (const feature of answer.features) inner += `<feature var='${escapeAttribute(feature)}'/>`;
  for (const form of answer.forms) inner += writeForm(form);
  return `<query xmlns='${ns.discoInfo}'${nodeAttribute(answer.node)}>${inner}</query>`;
}

export function writeDiscoItems(answer: Answer & { name: 'disco-items' }): string {
  let inner = '';
  for (const { jid, node, name } of answer.items)
    inner += `<item jid='${escapeAttribute(jid)}'${nodeAttribute(node)} name='${escapeAttribute(name)}'/>`;
  if (answer.page !== undefined) inner += writePage(answer.page);
  const head = `<query xmlns='${ns.discoItems}'${nodeAttribute(answer.node)}`;
  return inner === '' ? `${head}/>` : `${head}>${inner}</query>`;
}

function nodeAttribute(node: string | undefined): string {
  return node === undefined ? '' : ` node='${escapeAttribute(node)}'`;
}
