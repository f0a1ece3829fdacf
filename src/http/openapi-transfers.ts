import { commands } from '../core/commands/perform.ts';
import { answerSchema, answers, inputSchema, json, type Schema, securityOf } from './openapi-parts.ts';
import { scenarios } from './transfer-paths.ts';

const id = { name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^[A-Za-z0-9]{1,32}$' } };
const skip = { name: 'skip', in: 'query', schema: { type: 'integer', minimum: 0 } };
const tags = ['transfers'];

/** Runs of transfers, as resources. */
export const transferPaths: Schema = {
  '/v1/transfers': {
    get: {
      tags,
      operationId: 'transfers',
      summary: 'Every run in short',
      security: securityOf('read'),
      responses: answerTo('transfers.list'),
    },
    post: {
      tags,
      operationId: 'transfers.start',
      summary: 'Starts a run',
      security: securityOf('all'),
      requestBody: { required: true, content: json({ oneOf: scenarios.map(startSchema) }) },
      responses: answerTo('transfers.maintenance', 202),
    },
  },
  '/v1/transfers/{id}': {
    get: {
      tags,
      operationId: 'transfer',
      summary: 'One run with its workers',
      parameters: [id, skip],
      security: securityOf('read'),
      responses: answerTo('transfers.show'),
    },
  },
  '/v1/transfers/{id}/cancel': {
    post: {
      tags,
      operationId: 'transfer.cancel',
      summary: 'Ends a run',
      parameters: [id],
      security: securityOf('all'),
      responses: answerTo('transfers.cancel'),
    },
  },
};

function answerTo(name: string, status = 200): Schema {
  const command = commands.get(name);
  return answers(command === undefined ? {} : answerSchema(command.view), status);
}

/** What a command takes, and which command it is. */
function startSchema(scenario: string): Schema {
  const command = commands.get(`transfers.${scenario}`);
  const { properties, required } = command === undefined ? { properties: {}, required: [] } : inputSchema(command);
  return {
    type: 'object',
    properties: { scenario: { const: scenario }, ...properties },
    required: ['scenario', ...required],
    additionalProperties: false,
  };
}
