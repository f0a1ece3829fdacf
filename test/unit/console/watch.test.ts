import { deepEqual, equal } from 'node:assert/strict';
import { pauseBefore } from '../../../console/src/live/backoff.ts';
import { type WatchPhase, type WatchWorld, watch } from '../../../console/src/live/watch.ts';

const encoder = new TextEncoder();

/** A world of which the test is the server and the clock. */
class World implements WatchWorld {
  time = 1_000;
  readonly asked: string[] = [];
  readonly timers: { at: number; readonly callback: () => void }[] = [];
  readonly streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  answer: () => Response = () => this.#stream();

  now = (): number => this.time;
  random = (): number => 1;

  after = (milliseconds: number, callback: () => void): (() => void) => {
    const timer = { at: this.time + milliseconds, callback };
    this.timers.push(timer);
    return () => {
      timer.at = Number.POSITIVE_INFINITY;
    };
  };

  fetch = (path: string, signal: AbortSignal): Promise<Response> => {
    this.asked.push(path);
    const response = this.answer();
    signal.addEventListener('abort', () => this.streams.at(-1)?.error(new Error('aborted')));
    return Promise.resolve(response);
  };

  send(text: string): Promise<void> {
    this.streams.at(-1)?.enqueue(encoder.encode(text));
    return settled();
  }

  async pass(milliseconds: number): Promise<void> {
    this.time += milliseconds;
    for (const timer of this.timers.filter(({ at }) => at <= this.time)) {
      timer.at = Number.POSITIVE_INFINITY;
      timer.callback();
    }
    await settled();
  }

  #stream(): Response {
    return new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => {
          this.streams.push(controller);
        },
      }),
    );
  }
}

/** Lets streams and promises come to rest. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('watching', () => {
  let world: World;
  let phases: WatchPhase[];
  let states: unknown[];
  const begin = () =>
    watch('v1/watch/x', 20_000, world, {
      state: (state) => states.push(state),
      phase: (phase) => phases.push(phase),
    });
  const kinds = () => phases.map(({ kind }) => kind);

  beforeEach(() => {
    world = new World();
    phases = [];
    states = [];
  });

  it('tells of each state', async () => {
    const watching = begin();
    await settled();
    await world.send('event: state\ndata: {"n":1}\n\nevent: sta');
    await world.send('te\ndata: {"n":2}\n\n');
    deepEqual(
      [kinds(), states],
      [
        ['connecting', 'live', 'live'],
        [{ n: 1 }, { n: 2 }],
      ],
    );
    watching.stop();
  });

  it('tells at once that a stream broke, and opens it again after pauses that grow', async () => {
    const watching = begin();
    await settled();
    await world.send('event: state\ndata: 1\n\n');
    world.answer = () => {
      throw new TypeError('Failed to fetch');
    };
    world.fetch = (path) => {
      world.asked.push(path);
      return Promise.reject(new TypeError('Failed to fetch'));
    };
    world.streams.at(-1)?.close();
    await settled();
    deepEqual(kinds(), ['connecting', 'live', 'lost']);
    for (const pause of [500, 1_000, 2_000]) {
      const last = phases.at(-1);
      equal(last?.kind === 'lost' && last.retryAt - world.time, pause);
      equal(last?.kind === 'lost' && last.since, 1_000);
      await world.pass(pause);
    }
    equal(world.asked.length, 4);
    watching.stop();
    await world.pass(60_000);
    equal(world.asked.length, 4);
  });

  it('begins to count anew once it is live again, and tries at once when it is asked to', async () => {
    const watching = begin();
    await settled();
    world.streams.at(-1)?.close();
    await settled();
    watching.retry();
    await settled();
    equal(world.asked.length, 2);
    await world.send('event: state\ndata: 1\n\n');
    equal(phases.at(-1)?.kind, 'live');
    world.time += 90_000;
    world.streams.at(-1)?.close();
    await settled();
    const last = phases.at(-1);
    deepEqual(last?.kind === 'lost' && [last.since, last.retryAt - world.time], [world.time, 500]);
    watching.stop();
  });

  it('takes silence for a broken stream, and a comment for a sign of life', async () => {
    const watching = begin();
    await settled();
    await world.send('event: state\ndata: 1\n\n');
    await world.pass(15_000);
    await world.send(':\n\n');
    await world.pass(15_000);
    equal(phases.at(-1)?.kind, 'live');
    await world.pass(5_000);
    equal(phases.at(-1)?.kind, 'lost');
    watching.stop();
  });

  it('does not ask again for what it may not see', async () => {
    const error = { error: { code: 'unauthorized', text: 'This needs the token.' } };
    world.answer = () => new Response(JSON.stringify(error), { status: 401 });
    const watching = begin();
    await settled();
    const [, last] = phases;
    deepEqual(last?.kind === 'refused' && [last.why.status, last.why.text], [401, 'This needs the token.']);
    await world.pass(120_000);
    equal(world.asked.length, 1);
    watching.stop();
  });

  it('asks again where there is no room now', async () => {
    world.answer = () => new Response('{"error":{"code":"too-many-streams","text":"Full."}}', { status: 429 });
    const watching = begin();
    await settled();
    const last = phases.at(-1);
    equal(last?.kind === 'lost' && last.why.text, 'Full.');
    watching.stop();
  });

  it('stays with a stream that refuses for a while', async () => {
    const watching = begin();
    await settled();
    await world.send('event: refused\ndata: {"error":{"code":"command-target","text":"No pool."}}\n\n');
    const last = phases.at(-1);
    equal(last?.kind === 'refused' && last.why.text, 'No pool.');
    await world.send('event: state\ndata: 2\n\n');
    deepEqual([phases.at(-1)?.kind, states], ['live', [2]]);
    watching.stop();
  });
});

describe('the pause before the next attempt', () => {
  it('doubles up to a bound, and is never the same for all', () => {
    deepEqual(
      [1, 2, 3, 4, 6, 100].map((attempt) => pauseBefore(attempt, 1)),
      [500, 1_000, 2_000, 4_000, 15_000, 15_000],
    );
    deepEqual([pauseBefore(3, 0), pauseBefore(3, 0.5)], [1_000, 1_500]);
  });
});
