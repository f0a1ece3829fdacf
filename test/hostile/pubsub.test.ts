import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Element } from 'ltx';
import { HostileServer, jobs, until, worker } from './hostile-server.ts';

const service = 'pubsub.localhost';
const pubsub = 'http://jabber.org/protocol/pubsub';
const other = 'worker@localhost/two';
const pools = (...nodes: readonly string[]) => ({
  pools: {
    jobs: {
      workers: ['worker@localhost'],
      senders: ['friend@localhost'],
      pubsub: nodes.map((node) => ({ service, node })),
    },
  },
});

/** A PubSub service, or somebody who would like to be taken for it. */
describe('a hostile server: PubSub', () => {
  let server: HostileServer;

  /** The question of this name that the router asks, once it has. */
  const question = async (name: string): Promise<Element> => {
    let found: Element | undefined;
    await until(() => {
      found = server.written.find((stanza) => isQuestion(stanza, name));
      return found !== undefined;
    });
    ok(found !== undefined);
    return found;
  };

  const answer = (asked: Element, state: string, from = service): string =>
    `<iq type='result' from='${from}' to='${jobs}' id='${asked.attrs['id'] ?? ''}'><pubsub xmlns='${pubsub}'>` +
    `<subscription node='alerts' jid='${jobs}' subid='s1' subscription='${state}'/></pubsub></iq>`;

  const told = (inner: string, from = service, attributes = ''): string =>
    `<message from='${from}' to='${jobs}' ${attributes}>${inner}</message>`;
  const event = (inner: string): string => `<event xmlns='${pubsub}#event'>${inner}</event>`;
  /** As long as what is read may be. */
  const filled = (text: string): string => text.replace('FILL', 'y'.repeat(480 * 1024 - text.length + 4));
  const item = (node = 'alerts'): string => event(`<items node='${node}'><item id='1'/></items>`);
  const messages = (written: readonly Element[]): readonly Element[] =>
    written.filter(({ name }) => name === 'message');
  const subscribed = () => server.router.metric('switchyard_pool_pubsub_subscriptions', { state: 'subscribed' });

  before(async () => {
    server = await HostileServer.start(pools('alerts'), {}, [service]);
    const listed = await question('subscriptions');
    server.send(`<iq type='result' from='${service}' to='${jobs}' id='${listed.attrs['id'] ?? ''}'/>`);
    const asked = await question('subscribe');
    const forged = await server.reaction(answer(asked, 'subscribed', 'evil@localhost/x'));
    deepEqual(forged.outcomes['dropped/response-unmatched'], 1, 'an answer of somebody else');
    equal(await subscribed(), 0);
    server.send(answer(asked, 'subscribed'));
    await until(async () => (await subscribed()) === 1);
    await server.join();
    await server.join(other);
    await server.reaction();
  });

  afterEach(async () => {
    equal(server.fake.connections, 1, 'the link was kept');
    await server.assertSound();
  });

  after(async () => {
    await server?.stop();
  });

  /** What it is, what is sent, how it is counted, and how many workers get something. */
  const cases: readonly (readonly [string, string, string, number])[] = [
    ['an event', told(item()), 'forwarded', 1],
    ['an event of any type', told(item(), service, "type='groupchat'"), 'forwarded', 1],
    [
      'an event with a prefix',
      told(`<e:event xmlns:e='${pubsub}#event'><e:items node='alerts'/></e:event>`),
      'forwarded',
      1,
    ],
    ['a purge', told(event("<purge node='alerts'/>"), service, "type='headline'"), 'forwarded', 2],
    ['an event of another node', told(item('other')), 'dropped/event-not-subscribed', 0],
    [
      'an event by another subscription',
      told(`${item()}<headers xmlns='http://jabber.org/protocol/shim'><header name='SubID'>s2</header></headers>`),
      'dropped/event-not-subscribed',
      0,
    ],
    [
      'an event of somebody else, as a headline',
      told(item(), 'evil@localhost/x', "type='headline'"),
      'dropped/headline-unreachable',
      0,
    ],
    ['an event of somebody else', told(item(), 'evil@localhost/x'), 'bounced/unreachable', 1],
    ['an event of a resource of the service', told(item(), `${service}/x`), 'bounced/unreachable', 1],
    ['an event of a service whose name ends like it', told(item(), `evil.${service}`), 'bounced/unreachable', 1],
    [
      'the end of the subscription, of somebody else',
      told(event(`<subscription node='alerts' jid='${jobs}' subscription='none'/>`), 'evil@localhost/x'),
      'bounced/unreachable',
      1,
    ],
    [
      'the end of the subscription of somebody else',
      told(event("<subscription node='alerts' jid='x@localhost' subscription='none'/>")),
      'dropped/event-not-subscribed',
      0,
    ],
    [
      'the end of another subscription of the pool',
      told(event(`<subscription node='alerts' jid='${jobs}' subid='s2' subscription='none'/>`)),
      'consumed',
      0,
    ],
    [
      'an event that is too large',
      told(`${item()}<x>${'y'.repeat(600_000)}</x>`, service, "type='chat'"),
      'dropped/shed',
      0,
    ],
    [
      'an event that just does not fit',
      filled(told(`${item()}<x>FILL</x>`, service, "type='chat'")),
      'dropped/event-shed',
      0,
    ],
    ['an event inside another element', told(`<x xmlns='urn:x'>${item()}</x>`), 'bounced/unreachable', 1],
    ['an event without a node', told(event('<items><item/></items>')), 'bounced/unreachable', 1],
  ];
  for (const [what, stanza, outcome, count] of cases) {
    it(`${what}: ${outcome}`, async () => {
      const { written, outcomes } = await server.reaction(stanza);
      equal(outcomes[outcome], 1, JSON.stringify(outcomes));
      equal(messages(written).length, count, written.map(String).join('\n'));
      const errors = messages(written).filter(({ attrs }) => attrs['type'] === 'error');
      equal(errors.length, outcome.startsWith('bounced/') ? 1 : 0);
      equal(await subscribed(), 1);
    });
  }

  it('answers no event though no worker can take it, or every worker returns it', async () => {
    const gone = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    const { written } = await server.reaction(told(item(), service, "type='normal' id='e1'"));
    const [given] = messages(written);
    ok(given !== undefined);
    equal(given.attrs['from'], `${jobs}/${service}`);
    const bounce = (from: string): string =>
      `<message type='error' from='${from}' to='${jobs}/${service}' id='e1'>${gone}</message>`;
    const first = given.attrs['to'] ?? '';
    const again = await server.reaction(bounce(first));
    equal(messages(again.written)[0]?.attrs['to'], first === worker ? other : worker);
    const last = await server.reaction(bounce(first === worker ? other : worker));
    deepEqual(messages(last.written), []);
    equal(last.outcomes['dropped/event-no-worker'], 1);
    for (const jid of [worker, other]) server.send(`<presence from='${jid}' to='${jobs}' type='unavailable'/>`);
    const nobody = await server.reaction(told(item(), service, "type='chat' id='e2'"));
    deepEqual(messages(nobody.written), []);
    equal(nobody.outcomes['dropped/event-no-worker'], 1);
    await server.join();
  });

  it('takes nothing more after it has unsubscribed, and asks for no more', async () => {
    await server.router.reload(pools());
    const asked = await question('unsubscribe');
    const late = await server.reaction(told(item(), service, "type='headline'"));
    equal(late.outcomes['dropped/event-not-subscribed'], 1, JSON.stringify(late.outcomes));
    const end = `<iq type='result' from='${service}' to='${jobs}' id='${asked.attrs['id'] ?? ''}'/>`;
    deepEqual((await server.reaction(end)).outcomes, { consumed: 1 });
    const after = await server.reaction(told(item(), service, "type='headline'"));
    deepEqual(after.outcomes, { 'dropped/headline-unreachable': 1 });
    deepEqual(messages(after.written), []);
  });
});

function isQuestion(stanza: Element, name: string): boolean {
  const [child] = stanza.name === 'iq' ? stanza.getChildElements() : [];
  return child?.is('pubsub', pubsub) === true && child.getChildElements().some((part) => part.getName() === name);
}
