import { deepEqual, match, ok } from 'node:assert/strict';
import { apiTargetOf } from '../../../src/app/operate/api-target.ts';
import type { Need } from '../../../src/http/access.ts';
import { load, minimal } from '../config/fixture.ts';

const token = 'long-enough-for-a-token';

/** Where commands go with this configuration of the listener. */
function targetOf(http: object, need: Need = 'all') {
  return apiTargetOf(load({ ...minimal, http }).config, need);
}

describe('where a router takes commands', () => {
  it('is its socket, or its address with the token', () => {
    deepEqual(targetOf({ listen: 'unix:/run/s.sock', token }), {
      address: { kind: 'unix', path: '/run/s.sock' },
      token: undefined,
    });
    const address = { kind: 'tcp', host: '127.0.0.1', port: 8600 };
    deepEqual(targetOf({ listen: '127.0.0.1:8600', token }), { address, token });
    for (const listen of ['0.0.0.0:8600', '[::]:8600']) {
      deepEqual(targetOf({ listen, token }), { address: { ...address, host: 'localhost' }, token });
    }
  });

  it('is its address without one where anyone may read, for what only reads', () => {
    const target = targetOf({ listen: '127.0.0.1:8600' }, 'read');
    ok(!('problem' in target));
    deepEqual(target.token, undefined);
  });

  it('is nowhere without a listener, without a port, or where all wants a token that is not set', () => {
    for (const [http, problem] of [
      [{ listen: 'off' }, /has no HTTP listener/],
      [{ listen: '127.0.0.1:0', token }, /has port 0/],
      [{ listen: '127.0.0.1:8600' }, /only with a token/],
    ] as const) {
      const target = targetOf(http);
      match('problem' in target ? target.problem : '', problem);
    }
    ok('problem' in targetOf({ listen: '192.0.2.1:8600' }, 'read'));
  });
});
