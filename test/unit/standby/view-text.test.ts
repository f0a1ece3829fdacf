import { equal } from 'node:assert/strict';
import { viewText } from '../../../src/app/standby/view-text.ts';

describe('who is active, in words', () => {
  const view = {
    epoch: 7,
    owner: 'aaaaaaaa-1',
    until: 6_000,
    handover: undefined,
    successor: undefined,
    instances: [{ name: 'router-a', id: 'aaaaaaaa-1', version: '1', role: 'active' as const, beat: 900 }],
    now: 1_000,
  };

  it('names the other, and never the instance itself', () => {
    equal(viewText(view, 200, 'bbbbbbbb-2'), 'router-a (aaaaaaaa) is active (epoch 7), as of 0.2 s ago.');
    equal(
      viewText(view, 200, 'aaaaaaaa-1'),
      "The lease is still in this one's name (epoch 7), as of 0.2 s ago; no instance is active.",
    );
  });

  it('names one that is gone', () => {
    const gone = { ...view, until: 0, instances: [] };
    equal(
      viewText({ ...gone, ownerName: 'router-a' }, 0, 'b'),
      'No instance is active, as of 0.0 s ago; the last was router-a (aaaaaaaa) (epoch 7).',
    );
    equal(
      viewText(gone, 0, 'b'),
      'No instance is active, as of 0.0 s ago; the last was an instance that is gone (aaaaaaaa) (epoch 7).',
    );
  });

  it('says that there is none', () => {
    equal(viewText(undefined, 0, 'b'), 'The database has not answered yet.');
    equal(
      viewText({ ...view, until: 1_000 }, 0, 'b'),
      'No instance is active, as of 0.0 s ago; the last was router-a (aaaaaaaa) (epoch 7).',
    );
  });
});
