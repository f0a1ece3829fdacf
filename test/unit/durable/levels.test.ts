import assert from 'node:assert/strict';
import { type Acknowledger, type AckPolicy, levelOf, whyCannot } from '../../../src/core/durable/levels.ts';
import { featuresOf } from '../../../src/core/pool/membership/client-features.ts';

const delivery = 'urn:x-switchyard:delivery:0';
const receipts = 'urn:xmpp:receipts';

function worker(known: Partial<Acknowledger> & { readonly features?: Acknowledger['features'] }): Acknowledger {
  return { features: undefined, repliedIn: [], duty: { proven: undefined, subscribed: false }, ...known };
}

function judged(known: Partial<Acknowledger>, policy: AckPolicy = 'auto'): string | undefined {
  const level = levelOf(worker(known), policy);
  const why = whyCannot(worker(known), policy);
  assert.equal(level === undefined, why !== undefined);
  return level ?? why;
}

describe('how a worker acknowledges', () => {
  const aware = featuresOf([delivery]);
  const plain = featuresOf([receipts]);
  const poor = featuresOf([]);

  it('auto: by our namespace if its client knows it', () => {
    assert.equal(judged({ features: aware }), 'processed');
    assert.equal(judged({ features: featuresOf([delivery, receipts]) }), 'processed');
    assert.equal(judged({ features: featuresOf(['urn:x-switchyard:dix:0']) }), 'no-receipts');
  });

  it('auto: by receipts if its client sends them and knows the pool', () => {
    assert.equal(judged({ features: plain }), 'stranger');
    assert.equal(judged({ features: plain, duty: { proven: undefined, subscribed: true } }), 'receipt');
    assert.equal(judged({ features: plain, repliedIn: ['a conversation'] }), 'receipt');
    assert.equal(judged({ features: poor, repliedIn: ['a conversation'] }), 'no-receipts');
  });

  it('auto: what it has done counts more than what it announces', () => {
    assert.equal(judged({}), 'client-unknown');
    assert.equal(judged({ duty: undefined }), 'client-unknown');
    assert.equal(judged({ duty: { proven: 'receipt', subscribed: false } }), 'receipt');
    assert.equal(judged({ features: poor, duty: { proven: 'processed', subscribed: false } }), 'processed');
  });

  it('a level that the operator names: all but those that are known not to', () => {
    assert.equal(judged({}, 'receipt'), 'receipt');
    assert.equal(judged({ features: poor }, 'receipt'), 'no-receipts');
    assert.equal(judged({ features: poor, duty: { proven: 'receipt', subscribed: false } }, 'receipt'), 'receipt');
    for (const policy of ['processed', 'iq'] as const) {
      assert.equal(judged({}, policy), policy);
      assert.equal(judged({ features: aware }, policy), policy);
      assert.equal(judged({ features: plain }, policy), 'no-acknowledgements');
      assert.equal(judged({ features: plain, duty: { proven: policy, subscribed: false } }, policy), policy);
    }
  });
});
