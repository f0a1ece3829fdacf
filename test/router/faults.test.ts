import { deepEqual, equal } from 'node:assert/strict';
import type { Sent } from '../../src/core/ports.ts';
import { House, message, request } from './house.ts';

const worker = 'w@work.example/one';

/** A house in which every forward and every answer meets a fault of ours. */
function faulty(): House {
  const house = new House();
  house.join(worker);
  const fail = (): Sent => {
    throw new Error('planted');
  };
  house.out.forward = fail;
  house.out.answer = fail;
  return house;
}

describe('router: a fault of ours', () => {
  it('costs one stanza, which is answered and counted once', () => {
    const house = faulty();
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'internal' });
    deepEqual(house.on(request({ name: 'ping' })), { kind: 'bounced', reason: 'internal' });
    deepEqual(
      house.out.take().map((written) => written.call),
      ['bounce', 'bounce'],
    );
    deepEqual(
      house.out.notices.filter(({ event }) => event === 'fault').map(({ level, pool }) => [level, pool]),
      [
        ['error', 'jobs'],
        ['error', 'jobs'],
      ],
    );
  });

  it('answers nothing that must not be answered', () => {
    const house = faulty();
    deepEqual(house.on(message({ type: 'headline' })), { kind: 'dropped', reason: 'fault' });
    equal(house.out.take().length, 0);
  });
});
