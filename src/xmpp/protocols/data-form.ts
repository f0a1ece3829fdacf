import type { Element } from 'ltx';
import type { DataForm, Filled, FormField, FormTable } from '../../core/adhoc/form.ts';
import { escapeAttribute, escapeText } from '../codec/escape.ts';
import { namespaceOf } from '../codec/namespace-check.ts';
import { ns } from '../codec/namespaces.ts';

/** FORM_TYPE of the forms of commands (XEP-0068). */
const formType = 'urn:x-switchyard:command:0';

/**
 * What a form holds that was filled in (XEP-0004 section 3.1). XEP-0050 section 3.5.1 wants `cancel` read as `submit`.
 * `malformed`: it is of another type, or names a field twice.
 */
export function readFilled(form: Element): Filled | 'malformed' {
  const { type } = form.attrs;
  if (type !== 'submit' && type !== 'cancel') return 'malformed';
  const filled = new Map<string, readonly string[]>();
  for (const field of childrenOf(form, 'field')) {
    const { var: name } = field.attrs;
    if (name === undefined) continue;
    if (filled.has(name)) return 'malformed';
    filled.set(
      name,
      childrenOf(field, 'value').map((value) => value.getText()),
    );
  }
  return filled;
}

/** A form of a command. */
export function writeDataForm({ type, title, instructions, fields, table }: DataForm): string {
  const told = instructions === '' ? '' : `<instructions>${escapeText(instructions)}</instructions>`;
  const own = `<field var='FORM_TYPE' type='hidden'><value>${formType}</value></field>`;
  const asked = fields.map((field) => writeField(field)).join('');
  const rows = table === undefined ? '' : writeTable(table);
  return `<x xmlns='${ns.dataForms}' type='${type}'><title>${escapeText(title)}</title>${told}${own}${asked}${rows}</x>`;
}

function writeField({ name, kind, label, help, required, values, options, range }: FormField): string {
  const head = `<field var='${escapeAttribute(name)}' type='${kind}' label='${escapeAttribute(label)}'>`;
  const about = help === undefined ? '' : `<desc>${escapeText(help)}</desc>`;
  const must = required === true ? '<required/>' : '';
  const checked = range === undefined ? '' : writeRange(range);
  const choices = (options ?? [])
    .map((word) => `<option label='${escapeAttribute(word)}'><value>${escapeText(word)}</value></option>`)
    .join('');
  return `${head}${about}${must}${writeValues(values)}${choices}${checked}</field>`;
}

/** XEP-0122 section 3.2.3. */
function writeRange({ min, max }: NonNullable<FormField['range']>): string {
  return `<validate xmlns='${ns.dataValidation}' datatype='xs:integer'><range min='${min}' max='${max}'/></validate>`;
}

function writeTable({ columns, rows }: FormTable): string {
  const head = columns
    .map(
      ({ name, label }) =>
        `<field var='${escapeAttribute(name)}' type='text-single' label='${escapeAttribute(label)}'/>`,
    )
    .join('');
  const items = rows.map((row) => {
    const cells = columns.map(
      ({ name }, at) => `<field var='${escapeAttribute(name)}'>${writeValues([row[at] ?? ''])}</field>`,
    );
    return `<item>${cells.join('')}</item>`;
  });
  return `<reported>${head}</reported>${items.join('')}`;
}

function writeValues(values: readonly string[]): string {
  return values.map((value) => `<value>${escapeText(value)}</value>`).join('');
}

function childrenOf(element: Element, name: string): readonly Element[] {
  return element.getChildElements().filter((each) => each.getName() === name && namespaceOf(each) === ns.dataForms);
}
