import assert from 'node:assert/strict';
import { lines, load, withPool } from './fixture.ts';

const keyOf = (key: string) => load(withPool({ sticky: { key } })).config.service.pools[0]?.stickyKey;

describe('sticky.key', () => {
  it('is from, thread, or an element with or without an attribute', () => {
    assert.deepEqual(keyOf('from'), { by: 'from' });
    assert.deepEqual(keyOf('thread'), { by: 'thread' });
    const order = { by: 'element', namespace: 'urn:shop', name: 'order' };
    assert.deepEqual(keyOf('{urn:shop}order'), { ...order, attribute: undefined });
    assert.deepEqual(keyOf('{urn:shop}order@customer'), { ...order, attribute: 'customer' });
    const subject = { by: 'element', namespace: 'jabber:client', name: 'subject', attribute: undefined };
    assert.deepEqual(keyOf('{jabber:component:accept}subject'), subject);
  });

  it('is nothing else', () => {
    for (const key of [
      '',
      'to',
      'From',
      'order',
      '{}order',
      '{urn:shop}',
      '{urn:shop}or der',
      '{a}b@',
      '{a}b/c',
      '{a}1',
    ]) {
      const forms = 'Write "from", "thread", "{namespace}element" or "{namespace}element@attribute".';
      const [line] = lines(withPool({ sticky: { key } }));
      assert.equal(
        line,
        `pools.jobs.sticky.key | ${JSON.stringify(key)} | This is no key. | ${forms} | file c.json:13`,
      );
    }
  });

  it('is no element that is taken out of messages', () => {
    for (const key of ['{urn:xmpp:cmr:0}cmr@algorithm', '{urn:x-switchyard:worker:0}x']) {
      assert.match(lines(withPool({ sticky: { key } }))[0] ?? '', /taken out of every message/);
    }
  });
});
