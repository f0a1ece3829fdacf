import { deepEqual, equal, ok } from 'node:assert/strict';
import type { IqResponseEnvelope } from '../../src/core/envelope.ts';
import { House, presence, response } from './house.ts';

const one = 'w@work.example/one';
const two = 'w@work.example/two';
const caps = { node: 'urn:client', version: 'v=' };
const info = { version: 'v=', features: ['urn:xmpp:ping', 'urn:xmpp:cxfr', 'urn:x-switchyard:ack:0'] };

function house(): House {
  const made = new House();
  made.router.linkUp(made.now);
  return made;
}

/** The requests for features in the next `milliseconds`. */
function asked(made: House, milliseconds = 200): { to: string; id: string; node: string | undefined }[] {
  made.pass(milliseconds);
  return made.out.take().flatMap((written) => (written.call === 'ask-info' ? [written] : []));
}

function features(made: House, jid: string) {
  return made.router.pools.get('jobs')?.roster.get(jid)?.features;
}

function tell(made: House, from: string, id: string, changes: Partial<IqResponseEnvelope> = {}) {
  return made.on(response(from, id, changes));
}

describe('router: what the clients of members can do (XEP-0115)', () => {
  it('asks one client a version, and believes the answer for all that announce it', () => {
    const made = house();
    made.on(presence(one, { caps }));
    made.on(presence(two, { caps }));
    const requests = asked(made);
    deepEqual(
      requests.map(({ to, node }) => [to, node]),
      [[one, 'urn:client#v=']],
    );
    deepEqual(tell(made, one, requests[0]?.id ?? '', { info }), { kind: 'consumed' });
    const known = {
      pings: true,
      receipts: false,
      switchyard: true,
      deliveries: false,
      instances: false,
      transfers: true,
      oldTransfers: false,
    };
    deepEqual(features(made, one), known);
    deepEqual(asked(made), []);
    deepEqual(features(made, two), known);
    made.on(presence('late@work.example/x', { caps }));
    deepEqual(features(made, 'late@work.example/x'), known);
    equal(made.router.pools.get('jobs')?.roster.get(two)?.pings, true);
  });

  it('believes no answer of another version, of somebody else, or with another id, and asks the next', () => {
    const made = house();
    made.on(presence(one, { caps }));
    made.on(presence(two, { caps }));
    const [first] = asked(made);
    deepEqual(tell(made, two, first?.id ?? '', { info }), { kind: 'dropped', reason: 'response-unmatched' });
    deepEqual(tell(made, one, 'other', { info }), { kind: 'dropped', reason: 'response-unmatched' });
    tell(made, one, first?.id ?? '', { info: { ...info, version: 'w=' } });
    equal(features(made, one), undefined);
    const [second] = asked(made);
    equal(second?.to, two);
    tell(made, two, second.id, { info });
    ok(features(made, two));
    equal(features(made, one), undefined, 'who lied is not asked again');
  });

  it('goes on when a client answers with an error, or not at all', () => {
    const made = house();
    made.on(presence(one, { caps }));
    tell(made, one, asked(made)[0]?.id ?? '', { error: { condition: 'service-unavailable', type: 'cancel' } });
    made.on(presence(two, { caps }));
    equal(asked(made).length, 1);
    made.on(presence('late@work.example/x', { caps }));
    equal(asked(made, 29_000).length, 0);
    equal(asked(made, 2_000).length, 1);
  });

  it('forgets what a client could do when it announces something else, or nothing', () => {
    const made = house();
    made.on(presence(one, { caps }));
    tell(made, one, asked(made)[0]?.id ?? '', { info });
    made.on(presence(one));
    equal(features(made, one), undefined);
    made.on(presence(one, { caps }));
    ok(features(made, one));
  });

  it('asks no more than 20 clients a second, and holds no more than it may', () => {
    const made = house();
    for (let n = 0; n < 3_000; n += 1) {
      made.on(presence(`w${n}@work.example/x`, { caps: { node: 'n', version: `v${n}` } }));
    }
    made.out.take();
    equal(asked(made, 10_000).length, 200);
    equal(asked(made, 100_000).length, 800, 'the others when they are heard again');
    made.on(presence('w2999@work.example/x', { caps: { node: 'n', version: 'v2999' } }));
    equal(asked(made).length, 1);
  });
});
