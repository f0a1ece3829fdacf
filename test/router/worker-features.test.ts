import { deepEqual, equal } from 'node:assert/strict';
import { House, jobs, poolSettings, presence, request, response, sender, serviceSettings } from './house.ts';

const video = 'urn:example:video';
const audio = 'urn:example:audio';

function house(features: 'common' | 'union' | 'none' = 'common'): House {
  const made = new House(serviceSettings([poolSettings({ features })]));
  made.router.linkUp(made.now);
  return made;
}

/** Lets a worker join whose client announces `version`, and answers for it. */
function join(made: House, name: string, version: string, features: readonly string[]): void {
  made.on(presence(`w@work.example/${name}`, { caps: { node: 'n', version } }));
  made.pass(200);
  for (const written of made.out.take()) {
    if (written.call === 'ping') made.on(response(written.to, written.id, { to: written.from }));
    if (written.call === 'ask-info') {
      made.on(response(written.to, written.id, { to: written.from, info: { version, features } }));
    }
  }
  made.out.take();
}

/** What disco#info of `to` tells beyond what it tells without workers. */
function told(made: House, to = jobs, node?: string): readonly string[] {
  made.on(request({ name: 'disco-info', node }, { to }));
  const [written] = made.out.take();
  const features = written?.call === 'answer' && written.answer.name === 'disco-info' ? written.answer.features : [];
  return features.filter((feature) => feature.startsWith('urn:example:') || feature.includes('mam'));
}

describe('router: what a pool tells of what its workers can do', () => {
  it('is what all of them can, and follows as they come and go', () => {
    const made = house();
    deepEqual(told(made), []);
    join(made, 'one', 'v1', [video, audio, 'urn:xmpp:mam:2']);
    deepEqual(told(made), [audio, video]);
    join(made, 'two', 'v2', [video, 'urn:example:text']);
    deepEqual(told(made), [video]);
    made.on(presence('w@work.example/two', { type: 'unavailable' }));
    made.out.take();
    deepEqual(told(made), [audio, video]);
  });

  it('is nothing while one of them announces nothing', () => {
    const made = house();
    join(made, 'one', 'v1', [video]);
    made.join('w@work.example/silent');
    deepEqual(told(made), []);
  });

  it('is what any of them can, where the pool says so, or nothing', () => {
    const made = house('union');
    join(made, 'one', 'v1', [video]);
    join(made, 'two', 'v2', [audio]);
    made.join('w@work.example/silent');
    deepEqual(told(made), [audio, video]);
    const secret = house('none');
    join(secret, 'one', 'v1', [video]);
    deepEqual([...told(secret), ...told(secret, `${jobs}/~one`)], []);
  });

  it('is told of one worker at its label', () => {
    const made = house();
    join(made, 'one', 'v1', [video]);
    join(made, 'two', 'v2', [audio]);
    deepEqual(told(made, `${jobs}/~one`), [video]);
    deepEqual(told(made, `${jobs}/~two`), [audio]);
  });

  it('is no part of what the capabilities of the pool are made of', () => {
    const made = house();
    made.on(request({ name: 'disco-info', node: undefined }, { to: jobs }));
    const [before] = made.out.take();
    const count = before?.call === 'answer' && before.answer.name === 'disco-info' ? before.answer.features.length : 0;
    join(made, 'one', 'v1', [video]);
    deepEqual(told(made, jobs, `urn:x-switchyard:pool#v${count}`), []);
  });

  it('is bounded, whatever a worker claims', () => {
    const made = house();
    const many = Array.from({ length: 1_000 }, (_, n) => `urn:example:${n}`);
    join(made, 'one', 'v1', ['urn:example:'.padEnd(1_000, 'x'), ...many]);
    equal(told(made).length, 64);
    for (let n = 0; n < 200; n += 1) join(made, `other-${n}`, `o${n}`, [video]);
    deepEqual(told(made, `${jobs}/~one`), [], 'the first version is forgotten');
    deepEqual(told(made, `${jobs}/~other-199`), [video]);
  });

  it('is bounded also where many workers claim different things', () => {
    const made = house('union');
    for (let n = 0; n < 10; n += 1) {
      const features = Array.from({ length: 60 }, (_, m) => `urn:example:${String(n).padStart(2, '0')}:${m}`);
      join(made, `w${n}`, `v${n}`, features);
    }
    const features = told(made);
    equal(features.length, 200);
    equal(features[0], 'urn:example:00:0');
  });

  it('is told to nobody who may not know of the pool', () => {
    const made = new House(serviceSettings([poolSettings({ senders: ['*@near.example'] })]));
    made.router.linkUp(made.now);
    join(made, 'one', 'v1', [video]);
    made.on(request({ name: 'disco-info', node: undefined }, { to: jobs, from: sender }));
    equal(made.out.take()[0]?.call, 'bounce');
  });
});
