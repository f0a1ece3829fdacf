import { deepEqual, equal } from 'node:assert/strict';
import { domain, House, jobs, message, poolSettings, serviceSettings } from './house.ts';

describe('router: messages that go round', () => {
  it('are refused when they have passed this pool, or three pools', () => {
    const house = new House(serviceSettings([poolSettings(), poolSettings({ name: 'mail' })]));
    house.join('w@work.example/one');
    house.join('w@work.example/one', { to: `mail@${domain}` });
    const others = ['a@x', 'b@x', 'c@x'];
    const ends = [undefined, [], [others[0]], others.slice(1), [jobs], ['a@x', jobs], others].map(
      (hops) => house.on(message({ hops: hops?.map(String) }))?.kind,
    );
    deepEqual(ends, ['forwarded', 'forwarded', 'forwarded', 'forwarded', 'bounced', 'bounced', 'bounced']);
    deepEqual(house.on(message({ hops: [jobs] })), { kind: 'bounced', reason: 'loop' });
    equal(house.on(message({ hops: [jobs], to: `mail@${domain}` }))?.kind, 'forwarded');
    deepEqual(house.on(message({ hops: [jobs], to: `${jobs}/~one` })), { kind: 'bounced', reason: 'loop' });
  });

  it('are not told to somebody who may not know of the pool', () => {
    const house = new House(serviceSettings([poolSettings({ senders: ['*@far.example'] })]));
    deepEqual(house.on(message({ hops: [jobs], from: 'x@else.example/r' })), {
      kind: 'bounced',
      reason: 'unreachable',
    });
  });
});
