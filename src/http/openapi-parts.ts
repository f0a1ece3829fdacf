import type { Column, ColumnKind, Command, View } from '../core/commands/command.ts';
import type { Field } from '../core/commands/field.ts';
import type { Need } from './access.ts';

/** A JSON schema (draft 2020-12), as OpenAPI 3.1 has it. */
export type Schema = Readonly<Record<string, unknown>>;

/** What may be given for a field. */
function fieldSchema({ kind, help, choices, range, fallback }: Field<unknown>): Schema {
  const about = { description: help };
  switch (kind) {
    case 'whole':
      return {
        ...about,
        type: 'integer',
        ...(range === undefined ? {} : { minimum: range.min, maximum: range.max }),
        ...(fallback === undefined ? {} : { default: Number(fallback) }),
      };
    case 'flag':
      return { ...about, type: 'boolean', default: fallback === 'true' };
    case 'choice':
      return {
        ...about,
        type: 'string',
        enum: choices ?? [],
        ...(fallback === undefined ? {} : { default: fallback }),
      };
    case 'list':
      return { ...about, type: 'array', items: { type: 'string' } };
    case 'text':
      return { ...about, type: 'string', ...(fallback === undefined ? {} : { default: fallback }) };
  }
}

/** The object that is given with a command. */
export function inputSchema({ fields }: Command): {
  readonly type: 'object';
  readonly properties: Schema;
  readonly required: readonly string[];
  readonly additionalProperties: false;
} {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])),
    required: fields.filter((field) => field.required).map(({ name }) => name),
    additionalProperties: false,
  };
}

/** The same in a query: a list is one text with commas. */
export function queryParameters({ fields }: Command): readonly Schema[] {
  return fields.map((field) => {
    const { description, ...schema } = fieldSchema(field);
    const list = field.kind === 'list' ? { style: 'form', explode: false } : {};
    return { name: field.name, in: 'query', description, required: field.required, schema, ...list };
  });
}

/** The answer to a command, as far as it is shown to people: there may be more in it. */
export function answerSchema({ rows, columns }: View): Schema {
  const shown = { type: 'object', properties: Object.fromEntries(columns.map(columnProperty)) };
  if (rows === undefined) return shown;
  const text = { type: 'string', description: 'What sums it up.' };
  return { type: 'object', properties: { [rows]: { type: 'array', items: shown }, text }, required: [rows] };
}

function columnProperty({ key, label, kind }: Column): readonly [string, Schema] {
  return [key, { description: label, ...columnTypes[kind ?? 'text'] }];
}

const columnTypes: Readonly<Record<ColumnKind, Schema>> = {
  text: { type: ['string', 'null'] },
  time: { type: ['string', 'null'], format: 'date-time' },
  bytes: { type: ['integer', 'null'], minimum: 0 },
  number: { type: ['number', 'null'] },
  flag: { type: ['boolean', 'null'] },
  list: { type: ['array', 'null'] },
  object: { type: ['object', 'null'] },
};

/** Every other answer. */
export const refused = { default: { $ref: '#/components/responses/Refused' } };

/** Done, or refused. */
export function answers(schema: Schema, status = 200): Schema {
  return { [status]: { description: 'Done.', content: json(schema) }, ...refused };
}

/** Content of the type JSON. */
export function json(schema: Schema): Schema {
  return { 'application/json': { schema } };
}

/** Nothing, or the token: what the configuration says. */
export function securityOf(need: Need): readonly Schema[] {
  return need === 'all' ? [{ token: [] }] : [{}, { token: [] }];
}
