import { deepEqual } from 'node:assert/strict';
import type { DeliverySettings } from '../../src/core/settings.ts';
import {
  deliverySettings,
  domain,
  House,
  jobs,
  message,
  poolSettings,
  request,
  sender,
  serviceSettings,
} from './house.ts';

const delivery = 'urn:x-switchyard:delivery:0';
const receipts = 'urn:xmpp:receipts';
const worker = 'w@work.example/one';

/** Which of the two features disco#info of `to` names to `from`. */
function told(settings: Partial<DeliverySettings>, from: string, to: string): readonly string[] {
  const house = new House(serviceSettings([poolSettings({ delivery: deliverySettings(settings) })]));
  house.join(worker);
  // Whom a worker shall meet has to have written to it.
  house.on(message());
  house.out.take();
  house.on(request({ name: 'disco-info', node: undefined }, { from, to }));
  const [written] = house.out.take();
  const features = written?.call === 'answer' && written.answer.name === 'disco-info' ? written.answer.features : [];
  return [delivery, receipts].filter((feature) => features.includes(feature));
}

describe('router: what is told of deliveries at least once', () => {
  it('is nothing of ours in a plain pool, whose receipts are those of its workers', () => {
    deepEqual(told({}, sender, jobs), []);
    deepEqual(told({}, worker, `${jobs}/${sender}`), [receipts]);
  });

  it('is said by the pool, and to its workers by the addresses that they acknowledge to', () => {
    for (const settings of [{ guarantee: 'at-least-once' }, { hints: ['at-least-once'] }] as const) {
      deepEqual(told(settings, sender, jobs), [delivery, receipts]);
      deepEqual(told(settings, sender, `${jobs}/~one`), [delivery, receipts]);
    }
    deepEqual(told({ hints: ['at-least-once'] }, worker, `${jobs}/${sender}`), [delivery, receipts]);
    deepEqual(told({ hints: ['ttl', 'plain'] }, sender, jobs), []);
    deepEqual(told({ guarantee: 'at-least-once' }, sender, domain), []);
  });
});
