import assert from 'node:assert/strict';
import type { TransferOrder } from '../../src/core/transfer/order.ts';
import { domain, House, jobs, request } from './house.ts';

const order: TransferOrder = { form: 'cxfr', domain: 'example', server: { host: 'trap.example', port: undefined } };

describe('router: being told to connect elsewhere (XEP-0051)', () => {
  it('refuses, whoever says so, and tells the operator', () => {
    for (const to of [domain, jobs, `nowhere@${domain}`, `${domain}/r`]) {
      const house = new House();
      const outcome = house.on(request({ name: 'transfer', order }, { to, type: 'set', from: 'example' }));
      assert.deepEqual(outcome, { kind: 'bounced', reason: 'transfer-refused' }, to);
      const [notice] = house.out.notices;
      assert.equal(notice?.level, 'warn');
      assert.equal(notice?.event, 'transfer-unwanted');
      assert.deepEqual(notice?.detail, { from: 'example', server: 'trap.example' });
    }
  });

  it('says what is wrong with one that names no server', () => {
    const house = new House();
    const outcome = house.on(request({ name: 'transfer', order: undefined }, { to: domain, type: 'set' }));
    assert.deepEqual(outcome, { kind: 'bounced', reason: 'transfer-malformed' });
  });
});
