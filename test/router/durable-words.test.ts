import { deepEqual, equal, ok } from 'node:assert/strict';
import type { DeliveryControl, DeliveryTerms } from '../../src/core/envelope.ts';
import { type Changes, DurableHouse, durablePool, type Given } from './durable-house.ts';
import {
  deliverySettings,
  House,
  jobs,
  message,
  poolSettings,
  presence,
  response,
  sender,
  serviceSettings,
} from './house.ts';

const ada = 'ada@work.example/a';
const bob = 'bob@work.example/b';
const proxy = `${jobs}/${sender}`;

async function houseWith(changes: Changes, ...workers: string[]): Promise<DurableHouse> {
  const house = new DurableHouse(durablePool(changes));
  house.router.linkUp(house.now);
  house.work(...workers);
  await house.settle();
  house.out.take();
  return house;
}

function terms(changes: Partial<DeliveryTerms>): DeliveryTerms {
  return { guarantee: undefined, ttl: undefined, queued: false, problem: undefined, ...changes };
}

/** What a worker says of his deliveries, and nothing else. */
function say(house: House, from: string, ...controls: DeliveryControl[]): void {
  house.on(message({ from, to: proxy, id: undefined, signal: true, tail: '', controls }));
}

async function only(house: DurableHouse): Promise<Given> {
  await house.settle();
  const [given, ...others] = house.given();
  ok(given !== undefined && others.length === 0);
  return given;
}

/** The errors that were sent, by their codes. */
function refusals(house: House): unknown[] {
  return house.out.take().flatMap((written) => (written.call === 'bounce' ? [written.code] : []));
}

describe('what a sender asks of a durable pool', () => {
  it('is refused where it cannot be read, or is not given', async () => {
    for (const [changes, asked, code] of [
      [{}, { problem: 'odd' }, 'terms'],
      [{ hints: [] }, { ttl: 1_000 }, 'guarantee-refused'],
      [{ guarantee: 'plain' }, { guarantee: 'at-least-once' }, 'guarantee-refused'],
      [{ guarantee: 'plain' }, { queued: true }, 'guarantee-refused'],
      [{}, { guarantee: 'plain' }, 'guarantee-refused'],
    ] as const) {
      const house = await houseWith(changes, ada);
      house.send('m1', { terms: terms(asked) });
      await house.settle();
      deepEqual(refusals(house), [code], JSON.stringify(asked));
    }
  });

  it('is given where the pool gives it, or lets senders ask', async () => {
    for (const [changes, asked, call] of [
      [{}, { ttl: 1_000 }, 'deliver'],
      [{}, { guarantee: 'at-least-once' }, 'deliver'],
      [{ hints: ['plain'] }, { guarantee: 'plain' }, 'forward'],
      [{ guarantee: 'plain', hints: ['at-least-once'] }, { guarantee: 'at-least-once' }, 'deliver'],
      [{ guarantee: 'plain' }, { guarantee: 'plain', ttl: 5_000 }, undefined],
    ] as const) {
      const house = await houseWith(
        { ttl: 60_000, ...changes, ...(call === undefined ? { hints: ['ttl'] } : {}) },
        ada,
      );
      house.send('m1', { terms: terms(asked) });
      await house.settle();
      const calls = house.out.take().map((written) => written.call);
      ok(calls.includes(call ?? 'forward'), JSON.stringify([asked, calls]));
    }
  });

  it('ends the life of the message no later than its rules of XEP-0079 say; what comes after that is not accepted', async () => {
    const house = await houseWith({}, ada);
    house.send('m1', { expireAt: house.now + 5_000 });
    equal((await only(house)).assurance.expires, house.now + 5_000);
    house.send('m2', { expireAt: house.now });
    await house.settle();
    deepEqual(refusals(house), ['expired']);
    equal(house.out.events.get('delivery-accepted'), 1);
  });

  it('is one receipt, also when the message goes out again after a restart', async () => {
    const house = await houseWith({});
    house.send('m1', { wantsReceipt: true, tail: "<body>x</body><request xmlns='urn:xmpp:receipts'/>" });
    house.send('m2');
    await house.settle();
    const next = await house.restarted();
    next.router.linkUp(next.now);
    next.on(presence(ada));
    await next.wait(300);
    deepEqual(
      next.given().map(({ message: { id, wantsReceipt } }) => [id, wantsReceipt === true]),
      [
        ['m1', true],
        ['m2', false],
      ],
    );
  });
});

describe('what a worker says of durable messages', () => {
  const processed = { ack: 'processed' } as const;

  it('ends them, gives them to others, or asks for time', async () => {
    const house = await houseWith(processed, ada, bob);
    house.send('m1');
    const { assurance } = await only(house);
    const token = assurance.token ?? '';
    say(house, ada, { do: 'extend', token, by: 3_600_000 });
    await house.wait(60_000);
    deepEqual(house.deals(), []);
    say(house, ada, { do: 'nack', token, requeue: true, delay: 0, error: undefined });
    await house.wait(200);
    const again = house.given();
    deepEqual(
      again.map(({ to }) => to),
      [bob],
    );
    say(house, bob, { do: 'ack', token: again[0]?.assurance.token ?? '' });
    await house.settle();
    equal(house.out.events.get('delivery-acknowledged'), 1);
  });

  it('is told to the sender where it rejects for good, with the reason', async () => {
    const house = await houseWith({ ...processed, deadLetters: 0 }, ada);
    house.send('m1');
    const { assurance } = await only(house);
    const error = { condition: 'not-acceptable', type: 'modify' } as const;
    say(house, ada, { do: 'nack', token: assurance.token ?? '', requeue: false, delay: undefined, error });
    await house.settle();
    const [told] = house.told();
    ok(told?.call === 'give-back');
    deepEqual([told.code, told.fate.error, told.fate.attempts], ['rejected', error, 1]);
  });

  it('is no message for the sender: not here, and not in a plain pool, which knows nothing of it', async () => {
    const durable = await houseWith(processed, ada);
    durable.send('m1');
    await durable.settle();
    const plain = new House(serviceSettings([poolSettings({ delivery: deliverySettings() })]));
    plain.join(ada);
    plain.on(message());
    for (const house of [durable, plain]) {
      house.out.take();
      say(house, ada, { do: 'ack', token: 'x.1.y' }, { do: 'unreadable', problem: 'odd' });
      deepEqual(house.out.take(), []);
      deepEqual(house.out.outcomes.at(-1)?.outcome, { kind: 'consumed' });
      // Beside content it is no more than left out.
      house.on(message({ from: ada, to: proxy, tail: '<body>done</body>', controls: [{ do: 'ack', token: 'x' }] }));
      deepEqual(
        house.out.take().map(({ call }) => call),
        ['relay'],
      );
      // A receipt for a message that was never durable is the sender's.
      house.on(
        message({ from: ada, to: proxy, signal: true, receipt: 'other', controls: [{ do: 'ack', token: 'x' }] }),
      );
    }
    deepEqual(
      plain.out.take().map(({ call }) => call),
      ['relay'],
    );
  });
});

describe('what a worker says of durable messages to the pool itself', () => {
  const processed = { ack: 'processed' } as const;

  for (const to of [jobs, `${jobs}/~a`]) {
    it(`is taken by its token, as from where the message came from: to ${to}`, async () => {
      const house = await houseWith(processed, ada, bob);
      house.send('m1');
      const first = await only(house);
      const token = first.assurance.token ?? '';
      const other = first.to === ada ? bob : ada;
      const say = (from: string, ...controls: DeliveryControl[]): unknown =>
        house.on(message({ from, to, id: undefined, signal: true, tail: '', controls }));
      deepEqual(say(first.to, { do: 'extend', token, by: 3_600_000 }), { kind: 'consumed' });
      await house.wait(60_000);
      deepEqual(house.deals(), []);
      // Who never had it can end nothing, here as there.
      say(other, { do: 'ack', token });
      equal(house.out.events.get('acknowledgement-foreign'), 1);
      say(first.to, { do: 'nack', token, requeue: true, delay: 0, error: undefined });
      await house.wait(200);
      const [again] = house.given();
      equal(again?.to, other);
      deepEqual(say(other, { do: 'ack', token: again?.assurance.token ?? '' }), { kind: 'consumed' });
      await house.settle();
      equal(house.out.events.get('delivery-acknowledged'), 1);
    });
  }

  it('is taken before the rest of the message is refused', async () => {
    const house = await houseWith(processed, ada);
    house.send('m1');
    const { assurance } = await only(house);
    const controls: DeliveryControl[] = [{ do: 'ack', token: assurance.token ?? '' }];
    deepEqual(house.on(message({ from: ada, id: 'r1', tail: '<body>done</body>', controls })), {
      kind: 'bounced',
      reason: 'member-message',
    });
    await house.settle();
    equal(house.out.events.get('delivery-acknowledged'), 1);
  });

  it('is nothing from somebody who works here not', async () => {
    const house = await houseWith(processed, ada);
    house.send('m1');
    const { assurance } = await only(house);
    const controls: DeliveryControl[] = [{ do: 'ack', token: assurance.token ?? '' }];
    const signal = { id: undefined, signal: true, tail: '', controls };
    deepEqual(house.on(message({ from: 'new@far.example/r', ...signal })), {
      kind: 'dropped',
      reason: 'signal-no-worker',
    });
    await house.settle();
    equal(house.out.events.get('delivery-acknowledged'), undefined);
  });

  it('is a receipt for what alone goes by its id, also from another session of the account', async () => {
    const house = await houseWith({}, ada);
    house.send('m1', { wantsReceipt: true });
    house.send('m2');
    await house.settle();
    house.given();
    house.receipt(ada, 'm1', { to: jobs });
    deepEqual(house.out.outcomes.at(-1)?.outcome, { kind: 'consumed' });
    house.receipt('ada@work.example/sibling', 'm2', { to: jobs });
    await house.settle();
    equal(house.out.events.get('delivery-acknowledged'), 2);
    deepEqual(house.told(), [{ call: 'receipt', message: { from: sender, to: jobs, id: 'm1' } }]);
    // There is nothing of that id any more.
    house.receipt(ada, 'm1', { to: jobs });
    deepEqual(house.out.outcomes.at(-1)?.outcome, { kind: 'dropped', reason: 'signal-misaddressed' });
  });

  it('is no receipt while two senders use the same id: the wrong one would be lost', async () => {
    const house = await houseWith({}, ada, 'ada@work.example/second');
    const friend = 'friend@far.example/r';
    house.send('m1');
    house.send('m1', { from: friend });
    await house.settle();
    house.receipt(ada, 'm1', { to: jobs });
    deepEqual(house.out.outcomes.at(-1), {
      outcome: { kind: 'dropped', reason: 'signal-misaddressed' },
      pool: 'jobs',
    });
    await house.settle();
    equal(house.out.events.get('delivery-acknowledged'), undefined);
    house.receipt(ada, 'm1');
    house.receipt(ada, 'm1', { to: `${jobs}/${friend}` });
    await house.settle();
    equal(house.out.events.get('delivery-acknowledged'), 2);
  });

  it('may name the message by the id that the pool gave it, whoever else uses the same', async () => {
    const house = await houseWith({}, ada);
    house.send('m1');
    house.send('m1', { from: 'friend@far.example/r' });
    await house.settle();
    const [one] = house.given();
    house.receipt(ada, one?.assurance.stanzaId ?? '', { to: jobs });
    await house.settle();
    equal(house.out.events.get('delivery-acknowledged'), 1);
    house.receipt(bob, 'm1', { to: jobs });
    equal(house.out.events.get('acknowledgement-foreign'), undefined);
  });

  it('is counted as sent to the wrong address where it is about nothing, in a plain pool too', () => {
    for (const memberMessages of ['reject', 'route'] as const) {
      const house = new House(serviceSettings([poolSettings({ memberMessages })]));
      house.join(ada);
      const misaddressed = { kind: 'dropped', reason: 'signal-misaddressed' };
      deepEqual(house.on(message({ from: ada, signal: true, receipt: 'm1' })), misaddressed);
      deepEqual(house.on(message({ from: ada, signal: true, tail: '<composing/>' })), misaddressed);
    }
  });
});

describe('a durable message that a server returns after its end', () => {
  it('comes back to nobody: its sender was told what became of it', async () => {
    const house = await houseWith({}, ada);
    house.send('m1', { wantsReceipt: true });
    await only(house);
    house.receipt(ada, 'm1');
    await house.settle();
    deepEqual(
      house.told().map(({ call }) => call),
      ['receipt'],
    );
    const error = { condition: 'service-unavailable', type: 'cancel' } as const;
    house.on(message({ type: 'error', from: ada, to: proxy, id: 'm1', error }));
    await house.settle();
    deepEqual(
      house.out.take().filter(({ call }) => call !== 'ping'),
      [],
    );
    deepEqual(house.out.outcomes.at(-1)?.outcome, { kind: 'dropped', reason: 'error-unmatched' });
  });
});

describe('a durable message in a request', () => {
  async function asked(): Promise<{ house: DurableHouse; id: string }> {
    const house = await houseWith({ ack: 'iq', deadLetters: 0 }, ada, bob);
    house.send('m1');
    const given = await only(house);
    ok(given.call === 'deliver-iq' && given.to === ada);
    return { house, id: given.id ?? '' };
  }

  it('is done with its result', async () => {
    const { house, id } = await asked();
    house.on(response(ada, id, { to: proxy }));
    await house.settle();
    equal(house.out.events.get('delivery-acknowledged'), 1);
  });

  it('goes to another worker when this one, or its server, says that it is not there', async () => {
    for (const condition of ['service-unavailable', 'recipient-unavailable', 'gone']) {
      const { house, id } = await asked();
      house.on(response(ada, id, { to: proxy, error: { condition, type: 'cancel' } }));
      await house.wait(200);
      deepEqual(
        house.out.take().flatMap((written) => (written.call === 'deliver-iq' ? [written.to] : [])),
        [bob],
        condition,
      );
    }
  });

  it('goes to another worker after an error of type wait, and back to its sender after any other', async () => {
    const later = await asked();
    later.house.on(response(ada, later.id, { to: proxy, error: { condition: 'resource-constraint', type: 'wait' } }));
    await later.house.wait(3_000);
    deepEqual(
      later.house.given().map(({ to }) => to),
      [bob],
    );
    for (const error of [
      { condition: 'not-acceptable', type: 'modify' },
      { condition: 'item-not-found', type: 'cancel' },
    ] as const) {
      const never = await asked();
      never.house.on(response(ada, never.id, { to: proxy, error }));
      await never.house.settle();
      const [told] = never.house.told();
      ok(told?.call === 'give-back');
      deepEqual([told.code, told.fate.error], ['rejected', error]);
    }
  });
});
