import assert from 'node:assert/strict';
import { load, withPool } from './fixture.ts';

describe('configuration: nodes that a pool subscribes to', () => {
  it('are read with their defaults, options by their full names', () => {
    const nodes = [
      { service: 'PubSub.Example.org', node: 'alerts' },
      {
        service: 'romeo@example.org',
        node: 'urn:xmpp:tune',
        split: 'item',
        options: { include_body: true, 'pubsub#keywords': ['a', 'b'], '{urn:x}y': 3 },
      },
    ];
    assert.deepEqual(load(withPool({ pubsub: nodes })).config.service.pools[0]?.pubsub, [
      { service: 'pubsub.example.org', node: 'alerts', options: {}, split: 'event' },
      {
        service: 'romeo@example.org',
        node: 'urn:xmpp:tune',
        split: 'item',
        options: { 'pubsub#include_body': ['true'], 'pubsub#keywords': ['a', 'b'], '{urn:x}y': ['3'] },
      },
    ]);
    assert.deepEqual(load(withPool({})).config.service.pools[0]?.pubsub, []);
  });
});
