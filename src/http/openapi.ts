import type { Command } from '../core/commands/command.ts';
import { commands } from '../core/commands/perform.ts';
import { errors } from '../core/errors/errors.ts';
import { needOf } from './command-paths.ts';
import { failures } from './failures.ts';
import {
  answerSchema,
  answers,
  inputSchema,
  json,
  queryParameters,
  refused,
  type Schema,
  securityOf,
} from './openapi-parts.ts';
import { transferPaths } from './openapi-transfers.ts';
import { watchInterval } from './watch-paths.ts';

const description = `What an operator can do with a Switchyard that runs. Over a socket in the file system everything may be done
by whoever may open it. Over TCP what changes something or shows messages needs the token of \`http.token\`; what only
reads needs it where \`http.read\` is \`token\`.`;

/** The description of the HTTP interface (OpenAPI 3.1), made from the list of commands and the tables of errors. */
export function openApi(version: string): Schema {
  const own = [...commands.values()].flatMap((command) => Object.entries(commandPaths(command)));
  return {
    openapi: '3.1.0',
    info: { title: 'Switchyard', version, description, license: { name: 'MIT', identifier: 'MIT' } },
    // From where this document lies.
    servers: [{ url: '..' }],
    tags: tagsOf([...commands.values()]),
    paths: { ...pagePaths, ...apiPaths, ...Object.fromEntries(own), ...transferPaths },
    components: {
      schemas: { Error: errorSchema },
      responses: {
        Refused: {
          description: 'Refused: the code says why, and the text what to do.',
          content: json({ $ref: '#/components/schemas/Error' }),
        },
      },
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'The text of `http.token`.' } },
    },
  };
}

const errorSchema: Schema = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: {
        code: { type: 'string', enum: [...new Set([...Object.keys(failures), ...Object.keys(errors)])] },
        text: { type: 'string', description: 'For people, in English.' },
        field: { type: 'string', description: 'The field that is to blame.' },
      },
      required: ['code', 'text'],
    },
  },
  required: ['error'],
};

const pagePaths: Schema = {
  '/healthz': page('Whether the process lives', 'application/json', {}),
  '/readyz': page('Whether the service is ready, and why not', 'application/json', {
    503: { description: 'It is not ready.', content: json({ type: 'object' }) },
  }),
  '/metrics': page('Metrics in the text format of Prometheus', 'text/plain', {}),
};

const apiPaths: Schema = {
  '/v1/session': {
    get: {
      tags: ['api'],
      operationId: 'session',
      summary: 'What this client may do',
      description: 'With the token that it sent, if any.',
      security: [{}, { token: [] }],
      responses: answers({
        type: 'object',
        properties: {
          write: { type: 'boolean', description: 'Everything.' },
          tokenNeeded: { type: 'boolean', description: 'Nothing before it sends the token.' },
          version: { type: 'string' },
        },
        required: ['write', 'tokenNeeded', 'version'],
      }),
    },
  },
  '/v1/commands': { get: simple('commands', 'What commands there are, with the fields of each') },
  '/v1/openapi.json': { get: simple('openapi', 'This document') },
};

/** The ways to give one command. */
function commandPaths(command: Command): Schema {
  const { name, title, help, destroys, reads } = command;
  const about = {
    tags: [tagOf(command)],
    summary: title,
    description: destroys === undefined ? help : `${help} ${destroys}`,
    security: securityOf(needOf(command)),
  };
  const responses = answers(answerSchema(command.view));
  const post = { ...about, operationId: name, requestBody: bodyOf(command), responses };
  if (reads !== true) return { [`/v1/commands/${name}`]: { post } };
  const get = { ...about, operationId: `${name}.get`, parameters: queryParameters(command), responses };
  return { [`/v1/commands/${name}`]: { get, post }, [`/v1/watch/${name}`]: { get: watchOf(command, about) } };
}

function watchOf(command: Command, about: Schema): Schema {
  const { min, max, fallback } = watchInterval;
  const interval = {
    name: watchInterval.name,
    in: 'query',
    description: 'Milliseconds between two looks.',
    schema: { type: 'integer', minimum: min, maximum: max, default: fallback },
  };
  const text =
    'Server-sent events: `state` with the answer whenever it differs from the last, `refused` with the refusal; a comment every 15 seconds.';
  return {
    ...about,
    operationId: `${command.name}.watch`,
    summary: `${command.title}, again and again`,
    parameters: [...queryParameters(command), interval],
    responses: {
      200: { description: text, content: { 'text/event-stream': { schema: { type: 'string' } } } },
      ...refused,
    },
  };
}

function bodyOf(command: Command): Schema {
  return { required: command.fields.some(({ required }) => required), content: json(inputSchema(command)) };
}

function simple(operationId: string, summary: string): Schema {
  const responses = answers({ type: 'object' });
  return { tags: ['api'], operationId, summary, security: securityOf('read'), responses };
}

function page(summary: string, type: string, others: Schema): Schema {
  const schema = { type: type === 'text/plain' ? 'string' : 'object' };
  const responses = { 200: { description: 'Here it is.', content: { [type]: { schema } } }, ...others, ...refused };
  return { get: { tags: ['pages'], summary, security: [{}], responses } };
}

/** What a command is about. */
function tagOf({ name }: Command): string {
  return name.slice(0, name.indexOf('.'));
}

function tagsOf(list: readonly Command[]): readonly Schema[] {
  return [...new Set(['pages', 'api', ...list.map(tagOf)])].map((name) => ({ name }));
}
