import assert from 'node:assert/strict';
import fc from 'fast-check';
import { House, jobs, poolSettings, presence, request, response, serviceSettings } from '../router/house.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 200);
const workers = ['w@work.example/1', 'w@work.example/2', 'v@work.example/1', 'u@other.work/1'];
const askers = ['a@far.example/r', 'a@far.example/s', 'b@far.example/r', 'w@work.example/1'];
const timeout = 5_000;

const gone = ['service-unavailable', 'recipient-unavailable', 'remote-server-timeout', 'redirect', 'gone'];
const said = ['item-not-found', 'not-allowed', 'undefined-condition'];

type Step =
  | { readonly op: 'ask'; readonly asker: number; readonly id: number; readonly set: boolean; readonly label: boolean }
  | {
      readonly op: 'answer';
      readonly which: number;
      readonly by: 'worker' | 'account' | 'other' | 'stranger';
      readonly what: string;
    }
  | { readonly op: 'presence'; readonly worker: number; readonly here: boolean }
  | { readonly op: 'wait'; readonly milliseconds: number }
  | { readonly op: 'link' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('ask' as const),
      asker: fc.nat(askers.length - 1),
      id: fc.nat(2),
      set: fc.boolean(),
      label: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant('answer' as const),
      which: fc.nat(40),
      by: fc.constantFrom('worker', 'worker', 'worker', 'account', 'other', 'stranger'),
      what: fc.constantFrom('result', 'result', 'result', ...gone, ...said),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('presence' as const),
      worker: fc.nat(workers.length - 1),
      here: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('wait' as const), milliseconds: fc.constantFrom(100, 2_000, 6_000) }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('link' as const) }) },
);

/** A request as the one who asked sees it: by a mark in its payload, which nobody else can know. */
interface Request {
  readonly mark: string;
  readonly from: string;
  readonly id: string;
  readonly to: string;
  readonly type: 'get' | 'set';
  answers: number;
  /** Workers that it was given to, each with its session. */
  readonly given: string[];
}

/** What a worker was asked: whose request it is, and whether its answer is the one that counts. */
interface Given {
  readonly id: string;
  readonly worker: string;
  readonly request: Request;
}

/** Requests and answers at random; what comes out is held against a table of its own. */
class Model {
  readonly #house = new House(
    serviceSettings([
      poolSettings({
        workers: ['*@work.example', '*@other.work'],
        requests: { mode: 'proxy', namespaces: ['*'], timeout, redirects: [] },
      }),
    ]),
  );
  readonly #requests: Request[] = [];
  readonly #given: Given[] = [];
  /** Which of its joins a worker is in: one that left and came back may be asked again. */
  readonly #session = new Map<string, number>();
  #joins = 0;
  #marks = 0;
  readonly seen = new Set<string>();

  constructor() {
    this.#house.router.linkUp(this.#house.now);
    for (const worker of workers.slice(0, 3)) this.#house.join(worker);
  }

  take(step: Step): void {
    const house = this.#house;
    switch (step.op) {
      case 'ask':
        this.#ask(step);
        break;
      case 'answer':
        this.#answer(step);
        break;
      case 'presence':
        this.#presence(workers[step.worker] ?? '', step.here);
        break;
      case 'wait':
        for (let left = step.milliseconds; left > 0; left -= 100) {
          house.pass(100);
          this.#look();
        }
        break;
      case 'link':
        house.router.linkDown();
        house.pass(500);
        house.router.linkUp(house.now);
    }
    this.#look();
  }

  #presence(worker: string, here: boolean): void {
    const known = this.#house.router.pools.get('jobs')?.roster.get(worker) !== undefined;
    if (here && !known) this.#joins += 1;
    if (here && !known) this.#session.set(worker, this.#joins);
    this.#house.on(presence(worker, { type: here ? 'available' : 'unavailable' }));
  }

  /** Time goes by: everybody has one answer, and nothing is kept. */
  end(): void {
    this.take({ op: 'wait', milliseconds: timeout + 200 });
    for (const { answers, mark } of this.#requests) assert.equal(answers, 1, mark);
    assert.equal(this.#house.router.held.requests, 0);
    assert.equal(this.#house.router.pools.get('jobs')?.openRequests, 0);
  }

  #ask({ asker, id, set, label }: Step & { op: 'ask' }): void {
    this.#marks += 1;
    const mark = `mark-${this.#marks}`;
    const made: Request = {
      mark,
      from: askers[asker] ?? '',
      id: `q${id}`,
      to: label ? `${jobs}/~1` : jobs,
      type: set ? 'set' : 'get',
      answers: 0,
      given: [],
    };
    const { from, to, type } = made;
    this.#requests.push(made);
    const stanza = request(
      { name: 'unknown', namespace: 'urn:x' },
      { from, to, type, id: made.id, payload: `<x xmlns='urn:x'>${mark}</x>`, attributes: ` mark='${mark}'` },
    );
    const outcome = this.#house.on(stanza);
    assert.ok(outcome?.kind === 'forwarded' || outcome?.kind === 'bounced');
  }

  #answer({ which, by, what }: Step & { op: 'answer' }): void {
    const given = this.#given.at(-1 - (which % Math.max(1, this.#given.length)));
    if (given === undefined) return;
    const { worker, id, request: asked } = given;
    const other = workers.find((each) => each !== worker && !each.startsWith(`${worker.split('/')[0]}/`)) ?? '';
    const from = { worker, account: worker.split('/')[0] ?? '', other, stranger: 'thief@far.example/r' }[by];
    const error = what === 'result' ? undefined : ({ condition: what, type: 'cancel' } as const);
    const before = asked.answers;
    const outcome = this.#house.on(response(from, id, { error, payload: `<a>${asked.mark}</a>` }));
    this.#look();
    const told = asked.answers > before;
    const isLast = this.#given.findLast((each) => each.request === asked) === given;
    const right = by === 'worker' || (by === 'account' && error !== undefined);
    if (outcome?.kind === 'dropped') {
      this.seen.add(outcome.reason);
      assert.ok(!told, 'an answer that is dropped answers nobody');
      if (right && before === 0 && isLast) assert.fail(`${outcome.reason} for the answer that counts`);
      if (by === 'other' || by === 'stranger') assert.equal(outcome.reason, 'response-forged');
      if (right && before > 0) assert.ok(['response-late', 'response-duplicate'].includes(outcome.reason));
    } else {
      assert.deepEqual(outcome, { kind: 'relayed' });
      assert.ok(right && before === 0, 'from the worker that has it, and for the first time');
      if (what === 'result' || said.includes(what)) assert.ok(told || by === 'account');
    }
  }

  /** What was written: each request at its worker, each answer with who asked. */
  #look(): void {
    for (const written of this.#house.out.take()) {
      if (written.call === 'ask') {
        const mark = /mark-\d+/.exec(written.request.attributes ?? '')?.[0];
        const asked = this.#requests.find((each) => each.mark === mark);
        assert.ok(asked !== undefined);
        assert.equal(asked.answers, 0);
        assert.notEqual(written.to, asked.from);
        assert.ok(asked.given.length === 0 || asked.type === 'get', 'a set is given once');
        const session = `${written.to} ${this.#session.get(written.to) ?? 0}`;
        assert.ok(!asked.given.includes(session), 'to no worker twice');
        assert.ok(asked.given.length < 4);
        assert.ok(!this.#given.some(({ id }) => id === written.id));
        asked.given.push(session);
        this.#given.push({ id: written.id, worker: written.to, request: asked });
      } else if (written.call === 'reply' || (written.call === 'bounce' && written.stanza.kind === 'iq-request')) {
        const answered = written.call === 'reply' ? written.request : written.stanza;
        const mark = 'attributes' in answered ? /mark-\d+/.exec(answered.attributes ?? '')?.[0] : undefined;
        const asked = this.#requests.find((each) => each.mark === mark);
        assert.ok(asked !== undefined);
        assert.deepEqual([answered.from, answered.to, answered.id], [asked.from, asked.to, asked.id]);
        if (written.call === 'reply') assert.equal(written.response.payload, `<a>${asked.mark}</a>`);
        asked.answers += 1;
        assert.equal(asked.answers, 1, `${asked.mark} is answered twice`);
      }
    }
  }
}

describe('requests that are passed on, at random', () => {
  it('get one answer each, from the worker that had them, whoever says what', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const model = new Model();
        for (const next of steps) model.take(next);
        model.end();
        for (const reason of model.seen) seen.add(reason);
      }),
      { numRuns },
    );
    assert.deepEqual([...seen].sort(), ['response-duplicate', 'response-forged', 'response-late']);
  });
});
