import { deepEqual, equal, ok } from 'node:assert/strict';
import { Validator } from '@seriousme/openapi-schema-validator';
import { commands } from '../../../src/core/commands/perform.ts';
import { HttpServer } from '../../../src/http/server.ts';
import { exchange } from '../../support/clients/http-client.ts';
import { httpOptions } from '../../support/router/http-options.ts';

interface Operation {
  readonly operationId?: string;
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly name: string }[];
}

interface Description {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const token = 'correct-horse-battery-staple';

describe('http: the description of the API', () => {
  let server: HttpServer;
  let listen: string;
  let text: string;
  let description: Description;

  before(async () => {
    server = new HttpServer({ ...httpOptions, token });
    listen = await server.start();
    ({ text } = await exchange(listen, { path: '/v1/openapi.json' }));
    description = JSON.parse(text) as Description;
  });
  after(() => server.stop());

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(text) as Record<string, unknown>);
    deepEqual([valid, errors, validator.version], [true, undefined, '3.1']);
    // The validator does see what is wrong.
    const wrong = text.replace('"operationId"', '"operation"');
    ok(!(await new Validator().validate(JSON.parse(wrong) as Record<string, unknown>)).valid);
    equal(description.info.version, '1.2.3');
  });

  it('names every operation once', () => {
    const ids = Object.values(description.paths)
      .flatMap((path) => Object.values(path))
      .flatMap(({ operationId }) => operationId ?? []);
    equal(new Set(ids).size, ids.length);
    ok(ids.length > commands.size);
  });

  it('has each command, with its fields and what it needs', () => {
    for (const { name, fields, reads, confidential } of commands.values()) {
      const path = description.paths[`/v1/commands/${name}`];
      deepEqual(Object.keys(path ?? {}), reads === true ? ['get', 'post'] : ['post'], name);
      const open = reads === true && confidential !== true;
      deepEqual(path?.['post']?.security, open ? [{}, { token: [] }] : [{ token: [] }], name);
      const watch = description.paths[`/v1/watch/${name}`];
      equal(watch !== undefined, reads === true, name);
      if (reads === true) {
        const names = fields.map((field) => field.name);
        deepEqual(
          path?.['get']?.parameters?.map((parameter) => parameter.name),
          names,
        );
        deepEqual(
          watch?.['get']?.parameters?.map((parameter) => parameter.name),
          [...names, 'interval'],
        );
      }
    }
  });

  it('is true: what it names is there, for whom it says', async () => {
    for (const [path, operations] of Object.entries(description.paths)) {
      for (const [method, { security }] of Object.entries(operations)) {
        const sent = { path: path.replace('{id}', '7'), method: method === 'get' ? 'HEAD' : 'POST' };
        const open = security.some((each) => Object.keys(each).length === 0);
        const { status } = await exchange(listen, sent);
        equal(status === 401, !open, `${method} ${path}`);
        const headers = { authorization: `Bearer ${token}` };
        const allowed = (await exchange(listen, { ...sent, headers })).status;
        ok([200, 202, 400].includes(allowed), `${method} ${path}: ${allowed}`);
      }
    }
  });
});
