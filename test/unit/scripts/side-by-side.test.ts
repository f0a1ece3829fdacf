import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { sideBySide } from '../../../scripts/side-by-side.mjs';

/** Tasks that are over when the test says so, and who has begun which. */
class Work {
  /** What was begun, in order: the task, and the place that took it. */
  readonly begun: { readonly task: string; readonly place: number }[] = [];
  readonly #open = new Map<string, Deferred<string>>();

  perform(task: string, place: number): Promise<string> {
    this.begun.push({ task, place });
    const end = deferred();
    this.#open.set(task, end);
    return end.promise;
  }

  /** Ends a task, and lets its place go on. */
  async end(task: string): Promise<void> {
    this.#take(task).resolve(`${task} is over`);
    await turn();
  }

  async fail(task: string, why: string): Promise<void> {
    this.#take(task).reject(new Error(why));
    await turn();
  }

  get tasks(): readonly string[] {
    return this.begun.map(({ task }) => task);
  }

  #take(task: string): Deferred<string> {
    const end = this.#open.get(task);
    assert.ok(end !== undefined, `${task} is under way`);
    this.#open.delete(task);
    return end;
  }
}

interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

function deferred(): Deferred<string> {
  let resolve: (value: string) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<string>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}

describe('work side by side', () => {
  let work: Work;
  const run = (tasks: readonly string[], places: number): Promise<string[]> =>
    sideBySide(tasks, places, (task, place) => work.perform(task, place));

  beforeEach(() => {
    work = new Work();
  });

  it('gives each place one task at a time, and the next as soon as it is free', async () => {
    const all = run(['a', 'b', 'c', 'd', 'e'], 2);
    await turn();
    assert.deepEqual(work.begun, [
      { task: 'a', place: 0 },
      { task: 'b', place: 1 },
    ]);
    await work.end('b');
    assert.deepEqual(work.begun.slice(2), [{ task: 'c', place: 1 }]);
    await work.end('c');
    await work.end('a');
    assert.deepEqual(work.begun.slice(3), [
      { task: 'd', place: 1 },
      { task: 'e', place: 0 },
    ]);
    await work.end('d');
    await work.end('e');
    await all;
    assert.deepEqual(work.tasks, ['a', 'b', 'c', 'd', 'e']);
  });

  it('gives the results in the order of the tasks, whichever ends first', async () => {
    const all = run(['a', 'b', 'c'], 3);
    for (const task of ['c', 'a', 'b']) await work.end(task);
    assert.deepEqual(await all, ['a is over', 'b is over', 'c is over']);
  });

  it('begins no more once one has failed, and says why', async () => {
    const failed = assert.rejects(run(['a', 'b', 'c', 'd'], 2), /no server/);
    await work.fail('b', 'no server');
    await failed;
    await work.end('a');
    assert.deepEqual(work.tasks, ['a', 'b']);
  });

  it('is done with more places than tasks, and with no task', async () => {
    const all = run(['a'], 4);
    await work.end('a');
    assert.deepEqual(await all, ['a is over']);
    assert.deepEqual(await run([], 2), []);
  });
});
