import assert from 'node:assert/strict';
import { Duty } from '../../../src/core/durable/duty.ts';

const start = 1_000_000;

describe('Duty', () => {
  const worker = { bare: 'worker@example.org', heardAt: 0 };
  let duty: Duty;
  beforeEach(() => {
    worker.heardAt = 0;
    duty = new Duty(worker, 3);
  });
  const lease = (times: number) => {
    for (let n = 0; n < times; n += 1) duty.lease(n, start);
  };

  it('is full at its capacity, until something is acknowledged or taken back', () => {
    lease(2);
    assert.deepEqual([duty.held, duty.full, duty.leasedAt], [2, false, start]);
    lease(1);
    assert.equal(duty.full, true);
    duty.acknowledged(start, start);
    assert.equal(duty.full, false);
    lease(1);
    duty.released();
    assert.equal(duty.full, false);
    for (let n = 0; n < 9; n += 1) duty.released();
    assert.equal(duty.held, 0);
  });

  it('follows another capacity', () => {
    lease(2);
    duty.resize(1);
    assert.deepEqual([duty.full, duty.capacity, duty.window], [true, 1, 1]);
    duty.resize(5);
    assert.deepEqual([duty.full, duty.window], [false, 5]);
  });

  it('starts slowly: one, two, four ... with each acknowledgement', () => {
    duty.resize(10);
    duty.startSlowly();
    const windows = Array.from({ length: 6 }, () => {
      const { window } = duty;
      duty.lease(1, start);
      duty.acknowledged(start, start);
      return window;
    });
    assert.deepEqual(windows, [1, 2, 4, 8, 10, 10]);
    duty.startSlowly();
    duty.resize(20);
    assert.equal(duty.window, 1);
  });

  it('is doubtful after two missed deadlines of different deliveries', () => {
    assert.deepEqual(
      [1, 1, 1, 2].map((id) => duty.missed(id, start)),
      ['fine', 'fine', 'fine', 'suspect'],
    );
    assert.equal(duty.missed(3, start), 'fine');
    assert.equal(duty.missed(4, start), 'suspect');
  });

  it('is not when it was heard between them, or acknowledged something', () => {
    assert.equal(duty.missed(1, start), 'fine');
    worker.heardAt = start + 1;
    assert.equal(duty.missed(2, start + 2), 'fine');
    duty.acknowledged(start, start + 3);
    assert.equal(duty.missed(3, start + 4), 'fine');
    duty.heard();
    assert.equal(duty.missed(4, start + 5), 'fine');
    assert.equal(duty.missed(5, start + 6), 'suspect');
  });

  it('tells how long acknowledgements take', () => {
    assert.equal(duty.latency, undefined);
    duty.acknowledged(start, start + 800);
    assert.equal(duty.latency, 800);
    duty.acknowledged(start, start + 1_600);
    assert.equal(duty.latency, 900);
    duty.acknowledged(start, start - 5);
    assert.equal(duty.latency, 787.5);
  });
});
