import { deepEqual, equal, ok } from 'node:assert/strict';
import { domain, House, jobs, message, poolSettings, sender, serviceSettings } from './house.ts';

function raise(): never {
  throw new Error('no such service');
}

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

  it('end between two services, though what was marked first was not passed on', () => {
    const services = ['pools.one', 'pools.two'].map((name) => {
      const house = new House(serviceSettings([poolSettings()], { domain: name }));
      house.join(`w@work.example/${name}`, { to: `jobs@${name}` });
      return { house, name };
    });
    /** The way of one message: the worker of each passes on, to the other, what it gets. Returns how often they did. */
    const passes = (id: string, most: number): number => {
      let from = sender;
      let hops: readonly string[] | undefined;
      for (let count = 0; ; count += 1) {
        const { house, name } = services[count % 2] ?? raise();
        const outcome = house.on(message({ id, from, hops, to: `jobs@${name}` }));
        if (outcome?.kind !== 'forwarded') {
          deepEqual(outcome, { kind: 'bounced', reason: 'loop' });
          return count;
        }
        const written = house.out.take().find(({ call }) => call === 'forward');
        const went = written?.call === 'forward' ? written.message.hops : undefined;
        hops = went === undefined ? undefined : [...went, `jobs@${name}`];
        from = `w@work.example/${name}`;
        if (count + 1 === most) return most;
      }
    };
    // What is marked first ends with the worker, as greetings do.
    passes('greeting', 1);
    services.reverse();
    passes('another', 1);
    services.reverse();
    ok(passes('a', 1000) < 500);
    for (const id of ['b', 'c', 'd', 'e']) ok(passes(id, 1000) <= 3, id);
  });

  it('are not told to somebody who may not know of the pool', () => {
    const house = new House(serviceSettings([poolSettings({ senders: ['*@far.example'] })]));
    deepEqual(house.on(message({ hops: [jobs], from: 'x@else.example/r' })), {
      kind: 'bounced',
      reason: 'unreachable',
    });
  });
});
