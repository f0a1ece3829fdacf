import { equal, match, ok } from 'node:assert/strict';
import fc from 'fast-check';
import type { Command } from '../../src/core/commands/command.ts';
import type { Field } from '../../src/core/commands/field.ts';
import { commands } from '../../src/core/commands/perform.ts';
import { HttpServer } from '../../src/http/server.ts';
import { DurableHouse } from '../router/durable-house.ts';
import { exchange, openRequest } from '../support/clients/http-client.ts';
import { httpOptions } from '../support/router/http-options.ts';

/** More runs for a long night: `FUZZ_RUNS=50000`. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 150);

const token = 'correct-horse-battery-staple';
const names = [...commands.keys()];
const text = fc.oneof(
  fc.constantFrom('jobs', 'none', 'w@work.example', 'w@work.example/one', 'all', 'roundrobin', 'ready', 'dead', ''),
  fc.constantFrom('0', '-1', '1e9', '999999999', 'true', '__proto__', '\u0000', '\u202e', '<a/>', "'--"),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 2_000 }),
);
/** What a field may take, and what none does. */
function valueFor({ kind, choices = [''], range = { min: 0, max: 9 } }: Field<unknown>): fc.Arbitrary<unknown> {
  const good: Readonly<Record<typeof kind, fc.Arbitrary<unknown>>> = {
    text,
    whole: fc.integer(range),
    flag: fc.boolean(),
    choice: fc.constantFrom(...choices),
    list: fc.array(text, { maxLength: 5 }),
  };
  return fc.oneof({ weight: 4, arbitrary: good[kind] }, { weight: 1, arbitrary: value });
}
const value = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(text, { maxLength: 5 }),
  fc.jsonValue({ maxDepth: 3 }),
);
/** What is given with a command: mostly its own fields, and those that it must have. */
function givenWith({ fields }: Command): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const own = fc.record(Object.fromEntries(fields.map((field) => [field.name, valueFor(field)])), {
    requiredKeys: fields.filter(({ required }) => required).map(({ name }) => name),
  });
  return fc.oneof({ weight: 6, arbitrary: own }, { weight: 1, arbitrary: fc.dictionary(text, value, { maxKeys: 4 }) });
}

/** A command with what is given with it. */
function givenTo(list: readonly Command[]) {
  return fc.constantFrom(...list).chain((command) => fc.tuple(fc.constant(command.name), givenWith(command)));
}

const path = fc.oneof(
  fc.constantFrom(...names).map((name) => `/v1/commands/${name}`),
  fc.constantFrom(
    '/',
    '/console/',
    '/healthz',
    '/metrics',
    '/v1/session',
    '/v1/openapi.json',
    '/v1/commands',
    '/v1/transfers',
  ),
  text.map((id) => `/v1/transfers/${encodeURIComponent(id)}`),
  fc.webPath(),
  fc.string({ unit: 'binary-ascii', maxLength: 60 }).map((odd) => `/${encodeURI(odd).replaceAll('%25', '%')}`),
);

/** As it stands in a query. Of what JSON makes not all can be made a text: an object may have a `toString` of its own. */
function wordOf(each: unknown): string {
  const whole = typeof each === 'object' && each !== null && !isTexts(each);
  return whole ? JSON.stringify(each) : String(each);
}

function isTexts(each: object): boolean {
  return Array.isArray(each) && each.every((text) => typeof text === 'string');
}

function queryOf(object: Readonly<Record<string, unknown>>): string {
  return new URLSearchParams(
    Object.entries(object).map(([key, each]): [string, string] => [key, wordOf(each)]),
  ).toString();
}

describe('properties: the HTTP interface', () => {
  let house: DurableHouse;
  let server: HttpServer;
  let listen: string;

  before(async () => {
    house = new DurableHouse().work('w@work.example/one', 'w@work.example/two');
    server = new HttpServer({
      ...httpOptions,
      token,
      perform: (name, input) => {
        const result = house.router.perform(name, { role: 'admin', name: 'http' }, input, house.now);
        void house.settle();
        return result;
      },
    });
    listen = await server.start();
  });
  after(() => server.stop());

  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

  /** No fault of ours, and a refusal says what it is. */
  function isSane(status: number, body: string, seen: string): void {
    // The desk of this house keeps no pools.
    const unkept = body.includes('"store-failed"') && seen.startsWith('pools.');
    ok(status >= 200 && (status < 500 || unkept), `${status} ${seen}: ${body}`);
    if (status >= 400) match(body, /^\{"error":\{"code":"[a-z-]+","text":".+\}\}\n$/, seen);
  }

  it('takes every body', async () => {
    const odd = fc.tuple(fc.constantFrom(...names), fc.oneof(fc.json(), fc.string({ unit: 'binary', maxLength: 300 })));
    const good = givenTo([...commands.values()]).map(([name, object]) => [name, JSON.stringify(object)] as const);
    const body = fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: odd });
    const ended = new Set<string>();
    await fc.assert(
      fc.asyncProperty(body, async ([name, sent]) => {
        const answer = await exchange(listen, { method: 'POST', path: `/v1/commands/${name}`, headers, body: sent });
        isSane(answer.status, answer.text, `${name} ${sent}`);
        if (answer.status === 200) ended.add(name);
      }),
      { numRuns: names.length + numRuns, examples: names.map((name): [[string, string]] => [[name, '{}']]) },
    );
    // Not only refusals were seen: some want nothing to be given.
    ok(ended.size > 5, String([...ended]));
    equal((await exchange(listen, { path: '/healthz' })).status, 200);
  });

  it('takes every path, query and method', async () => {
    const query = fc.oneof(
      givenTo([...commands.values()]).map(([, object]) => queryOf(object)),
      fc.webQueryParameters(),
      fc.string({ unit: 'binary-ascii', maxLength: 60 }).map((odd) => encodeURI(odd).replaceAll('%25', '%')),
    );
    const method = fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH');
    await fc.assert(
      fc.asyncProperty(method, path, query, async (verb, where, asked) => {
        const answer = await exchange(listen, { method: verb, path: `${where}?${asked}`, headers });
        isSane(
          answer.status,
          verb === 'HEAD' ? '{"error":{"code":"x","text":"x"}}\n' : answer.text,
          `${verb} ${where}?${asked}`,
        );
      }),
      { numRuns },
    );
  });

  it('shows every thing that is watched, or why not', async () => {
    const reading = [...commands.values()].filter(({ reads }) => reads === true);
    await fc.assert(
      fc.asyncProperty(givenTo(reading), async ([name, input]) => {
        const response = await openRequest(listen, { path: `/v1/watch/${name}?${queryOf(input)}`, headers });
        let first = '';
        for await (const chunk of response.setEncoding('utf8')) {
          first = String(chunk);
          break;
        }
        match(first, response.statusCode === 200 ? /^event: (?:state|refused)\ndata: \{/ : /^\{"error":/);
      }),
      { numRuns },
    );
  });
});
