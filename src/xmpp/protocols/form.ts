import type { InfoForm } from '../../core/requests/answer.ts';
import { escapeAttribute, escapeText } from '../codec/escape.ts';
import { ns } from '../codec/namespaces.ts';

/** A data form of type `result` (XEP-0004), as XEP-0128 wants it: FORM_TYPE first, and hidden. */
export function writeForm({ type, fields }: InfoForm): string {
  let inner = `<field var='FORM_TYPE' type='hidden'>${writeValues([type])}</field>`;
  for (const { name, values } of fields) {
    const kind = values.length > 1 ? " type='text-multi'" : '';
    inner += `<field var='${escapeAttribute(name)}'${kind}>${writeValues(values)}</field>`;
  }
  return `<x xmlns='${ns.dataForms}' type='result'>${inner}</x>`;
}

function writeValues(values: readonly string[]): string {
  return values.map((value) => `<value>${escapeText(value)}</value>`).join('');
}
