import { deepEqual, equal, ok } from 'node:assert/strict';
import { House, jobs, presence, request } from './house.ts';

const one = 'w@work.example/one';

describe('router: capabilities of a pool (XEP-0115)', () => {
  it('stand on every available presence, and are answered for under their node', () => {
    const house = new House();
    house.on(presence(one));
    const [told] = house.out.take();
    ok(told?.call === 'presence' && told.presence.caps !== undefined);
    const { node, version } = told.presence.caps;
    const asked = `${node}#${version}`;
    deepEqual(house.on(request({ name: 'disco-info', node: asked })), { kind: 'answered' });
    const [answer] = house.out.take();
    ok(answer?.call === 'answer' && answer.answer.name === 'disco-info');
    equal(answer.answer.node, asked);
    ok(answer.answer.features.includes('urn:xmpp:cmr:0'));
  });

  it('have no other version, and an unavailable pool has none', () => {
    const house = new House();
    for (const node of ['urn:x-switchyard:pool#old', 'urn:x-switchyard:pool#', 'urn:x-switchyard:pool']) {
      deepEqual(house.on(request({ name: 'disco-info', node })), { kind: 'bounced', reason: 'unknown-node' });
    }
    house.on(presence('sensor@far.example', { type: 'subscribe', to: jobs }));
    house.out.settle();
    const shown = house.out.take().at(-1);
    ok(shown?.call === 'presence' && shown.presence.type === 'unavailable' && shown.presence.caps === undefined);
  });
});
