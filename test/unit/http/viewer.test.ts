import { deepEqual, equal } from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Viewer } from '../../../src/http/viewer.ts';

/** A response that nobody reads: nothing that is written leaves it. */
function unread(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}

/** The bytes that each of these states adds to what waits. */
function added(response: ServerResponse, states: readonly (() => void)[]): readonly boolean[] {
  return states.map((show) => {
    const before = response.writableLength;
    show();
    return response.writableLength > before;
  });
}

describe('http: one who watches', () => {
  const small = Buffer.from('small');
  const other = Buffer.from('other');
  const large = Buffer.alloc(1024 * 1024);

  it('is sent a state when it is due, and not the last one again', () => {
    const response = unread();
    const viewer = new Viewer(response, 1_000);
    const states = added(response, [
      () => viewer.offer(small, 0),
      () => viewer.offer(small, 5_000),
      () => viewer.offer(other, 5_000),
      () => viewer.offer(small, 5_800),
      () => viewer.offer(small, 5_950),
    ]);
    deepEqual(states, [true, false, true, false, true]);
  });

  it('is sent nothing while it does not read, not even signs of life', () => {
    const response = unread();
    const viewer = new Viewer(response, 1_000);
    const states = added(response, [
      () => viewer.offer(large, 0),
      () => viewer.offer(small, 5_000),
      () => viewer.beat(),
      () => viewer.offer(large, 10_000),
    ]);
    deepEqual(states, [true, false, false, false]);
    equal(response.writableNeedDrain, true);
  });
});
