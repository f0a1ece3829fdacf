import { deepEqual, equal } from 'node:assert/strict';
import type { StickyKey } from '../../src/core/settings.ts';
import { emptySnapshot, House, message, poolSettings, response, serviceSettings, storedMember } from './house.ts';

const workers = Array.from({ length: 8 }, (_, index) => `w@work.example/${index}`);

function sticky(stickyKey: StickyKey, memberMessages: 'reject' | 'route' = 'reject'): House {
  const house = new House(serviceSettings([poolSettings({ algorithm: 'sticky', stickyKey, memberMessages })]));
  for (const worker of workers) house.join(worker);
  return house;
}

/** How many different workers got these. */
function spread(house: House, messages: Parameters<typeof message>[0][]): number {
  return new Set(messages.flatMap((each) => house.deal(1, each))).size;
}

describe('router: the same worker for the same key', () => {
  it('goes by the bare JID of the sender', () => {
    const house = sticky({ by: 'from' });
    equal(spread(house, [{ from: 'a@far.example/1' }, { from: 'a@far.example/2' }, { from: 'a@far.example' }]), 1);
    const others = Array.from({ length: 30 }, (_, index) => ({ from: `a${index}@far.example/1` }));
    equal(spread(house, others) > 4, true);
  });

  it('goes by the thread, and by the sender where there is none', () => {
    const house = sticky({ by: 'thread' });
    const froms = Array.from({ length: 30 }, (_, index) => `a${index}@far.example/1`);
    equal(
      spread(
        house,
        froms.map((from) => ({ from, thread: 't' })),
      ),
      1,
    );
    equal(
      spread(
        house,
        froms.map((_, index) => ({ thread: `t${index}` })),
      ) > 4,
      true,
    );
    equal(
      spread(
        house,
        froms.map(() => ({ thread: undefined })),
      ),
      1,
    );
    equal(
      spread(
        house,
        froms.map((from) => ({ from, thread: undefined })),
      ) > 4,
      true,
    );
  });

  it('goes by an element of the message', () => {
    const house = sticky({ by: 'element', namespace: 'urn:shop', name: 'order', attribute: 'customer' });
    const order = (from: number, customer: number) => ({
      from: `a${from}@far.example/1`,
      tail: `<body>x</body><order xmlns='urn:shop' customer='${customer}'/>`,
    });
    const numbers = Array.from({ length: 30 }, (_, index) => index);
    equal(
      spread(
        house,
        numbers.map((number) => order(number, 7)),
      ),
      1,
    );
    equal(
      spread(
        house,
        numbers.map((number) => order(1, number)),
      ) > 4,
      true,
    );
  });

  it('goes to the next best, never back, when a worker writes to its own pool', () => {
    const house = sticky({ by: 'from' }, 'route');
    const [own] = house.deal(1, { from: 'w@work.example' });
    const from = `w@work.example/${own}`;
    const [next] = house.deal(1, { from });
    equal(next !== own && next !== undefined, true);
    deepEqual(house.deal(3, { from }), [next, next, next]);
  });

  it('waits after a restart until each worker was asked, so that no key strays', () => {
    const [owner] = sticky({ by: 'from' }).deal(1);
    const members = workers.map((jid, index) => storedMember(jid, { sequence: index + 1 }));
    const house = new House(serviceSettings([poolSettings({ algorithm: 'sticky' })]), { ...emptySnapshot, members });
    house.router.linkUp(house.now);
    house.pass(100);
    const pings = house.out.take().flatMap((written) => (written.call === 'ping' ? [written] : []));
    equal(pings.length, workers.length);
    deepEqual(house.on(message()), { kind: 'queued' });
    const got = pings.flatMap(({ to, from, id }) => {
      house.on(response(to, id, { to: from }));
      return house.out.take().flatMap((written) => (written.call === 'forward' ? [written.to] : []));
    });
    deepEqual(got, [`w@work.example/${owner}`]);
  });

  it('can be asked for by a hint, with the other algorithm in force', () => {
    const house = new House();
    for (const worker of workers) house.join(worker);
    const hint = 'urn:x-switchyard:algorithm:sticky';
    equal(new Set(house.deal(8, { hint })).size, 1);
    equal(new Set(house.deal(8)).size, 8);
    const busy = house.deal(4, { hint: 'urn:x-switchyard:algorithm:leastbusy' });
    equal(new Set(busy).size, 4);
    equal(house.out.events.get('hint-obeyed'), 12);
  });
});
