import { deepEqual, equal } from 'node:assert/strict';
import type { RateSettings } from '../../src/core/settings.ts';
import { House, jobs, message, poolSettings, sender, serviceSettings } from './house.ts';

const one = 'w@work.example/one';
const two = 'w@work.example/two';
const none: RateSettings = { perSender: undefined, perDomain: undefined, perWorker: undefined };
const twice = { count: 2, period: 1_000, burst: 2 };

function limited(rate: Partial<RateSettings>, changes = {}): House {
  const house = new House(serviceSettings([poolSettings({ rate: { ...none, ...rate }, ...changes })]));
  house.join(one);
  house.join(two);
  return house;
}

describe('router: rates', () => {
  it('holds a sender, with all its resources, and says when to come back', () => {
    const house = limited({ perSender: twice });
    equal(house.deal(2).length, 2);
    const from = 'sensor@far.example/other';
    deepEqual(house.on(message({ from })), { kind: 'bounced', reason: 'rate-sender' });
    deepEqual(house.out.take(), [{ call: 'bounce', stanza: message({ from }), code: 'rate-sender', retryAfter: 1 }]);
    equal(house.deal(1, { from: 'another@far.example' }).length, 1);
    house.pass(500);
    equal(house.deal(2).length, 1);
  });

  it('holds a domain, whatever accounts it has', () => {
    const house = limited({ perDomain: twice });
    const from = (index: number) => ({ from: `a${index}@far.example/r` });
    deepEqual(
      [0, 1, 2].map((index) => house.on(message(from(index)))?.kind),
      ['forwarded', 'forwarded', 'bounced'],
    );
    house.out.take();
    equal(house.deal(1, { from: 'a@near.example' }).length, 1);
  });

  it('counts every copy, and refuses for good what can never get through', () => {
    const house = limited({ perSender: { ...twice, burst: 3 } }, { algorithm: 'all' });
    equal(house.deal(1).length, 2);
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'rate-sender' });
    const [written] = house.out.take();
    const wait = written?.call === 'bounce' ? (written.retryAfter ?? 0) : 0;
    house.pass(wait * 1_000);
    equal(house.deal(1).length, 2, 'when it was told to come back it gets through');
    house.join('w@work.example/three');
    house.join('w@work.example/four');
    house.pass(10_000);
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'fan-out' });
  });

  it('counts signals, to the pool and to a label, and drops those that are over', () => {
    const house = limited({ perSender: twice });
    const [label] = house.deal(1);
    deepEqual(house.on(message({ signal: true })), { kind: 'relayed' });
    house.out.take();
    for (const to of [jobs, `${jobs}/~${label}`]) {
      deepEqual(house.on(message({ to, signal: true })), { kind: 'dropped', reason: 'over-rate' });
      deepEqual(house.on(message({ to, type: 'headline' })), { kind: 'dropped', reason: 'over-rate' });
      deepEqual(house.on(message({ to })), { kind: 'bounced', reason: 'rate-sender' });
    }
    house.out.take();
    const gone = { condition: 'gone', type: 'cancel' } as const;
    const error = message({ to: `${jobs}/~${label}`, type: 'error', error: gone });
    deepEqual(house.on(error), { kind: 'dropped', reason: 'over-rate' });
    deepEqual(house.out.take(), []);
  });

  it('counts a message to a label that is gone once', () => {
    const house = limited({ perSender: twice });
    equal(house.deal(2, { to: `${jobs}/~nobody` }).length, 2);
  });

  it('holds what one worker has passed on, errors too', () => {
    const house = limited({ perWorker: twice });
    house.deal(4);
    const to = `${jobs}/${sender}`;
    deepEqual(
      [1, 2, 3].map(() => house.on(message({ from: one, to }))),
      [{ kind: 'relayed' }, { kind: 'relayed' }, { kind: 'bounced', reason: 'rate-worker' }],
    );
    const error = { condition: 'bad-request', type: 'modify' } as const;
    deepEqual(house.on(message({ from: one, to, id: 'm0', type: 'error', error })), {
      kind: 'dropped',
      reason: 'over-rate',
    });
    deepEqual(house.on(message({ from: two, to })), { kind: 'relayed' });
    equal(house.deal(3).length, 3, 'senders are not held by it');
  });

  it('tells strangers nothing of rates', () => {
    const house = limited({ perSender: twice, perDomain: twice }, { senders: ['*@far.example'] });
    for (let n = 0; n < 9; n += 1) {
      deepEqual(house.on(message({ from: 'x@else.example' })), { kind: 'bounced', reason: 'unreachable' });
    }
  });
});
