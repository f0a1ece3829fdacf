import { deepEqual, equal } from 'node:assert/strict';
import { parseDestination } from '../../src/core/transfer/destination.ts';
import { domain, House, jobs, poolSettings, request, serviceSettings } from './house.ts';

/** The parent of the service's domain is the server: `pools.example` has `example`. */
const server = 'example';
const listed = 'xmpp2.example:5347';

function house(): House {
  const made = new House(serviceSettings([poolSettings()]));
  made.out.listed.push(listed);
  return made;
}

function order(
  made: House,
  changes: { from?: string; to?: string; server?: string; domain?: string | undefined } = {},
) {
  const destination = parseDestination(changes.server ?? listed);
  if (destination === undefined) throw new Error('no destination');
  const login = 'domain' in changes ? changes.domain : server;
  const asked = { name: 'transfer', order: { form: 'cxfr', domain: login, server: destination } } as const;
  return made.on(request(asked, { type: 'set', from: changes.from ?? server, to: changes.to ?? domain }));
}

describe('router: a transfer of its own connection (XEP-0051)', () => {
  it('is obeyed when the server asks, after the answer', () => {
    for (const login of [server, undefined]) {
      const made = house();
      deepEqual(order(made, { domain: login }), { kind: 'answered' });
      deepEqual(
        made.out.take().map(({ call }) => call),
        ['answer'],
      );
      deepEqual(made.out.moves, [listed]);
    }
  });

  const refused: readonly [string, Parameters<typeof order>[1]][] = [
    ['by an account of the server', { from: 'user@example' }],
    ['by a resource of the server', { from: 'example/x' }],
    ['by another domain', { from: 'far.example' }],
    ['to where the operator does not let it', { server: 'evil.example' }],
    ['to another domain', { domain: 'evil.example' }],
    ['that is sent to a pool', { to: jobs }],
  ];
  for (const [name, changes] of refused) {
    it(`is refused, and told to the operator: ${name}`, () => {
      const made = house();
      deepEqual(order(made, changes), { kind: 'bounced', reason: 'transfer-refused' });
      equal(made.out.moves.length, 0);
      equal(made.out.notices.at(-1)?.event, 'transfer-unwanted');
    });
  }
});
