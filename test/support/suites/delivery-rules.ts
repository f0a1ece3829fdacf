import { deepEqual, equal } from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const domain = 'pools.localhost';
const sendersName = 'sensor';

/** The workers: two that may have a priority of 0 and more, one that is always negative. */
const resources = ['one', 'two', 'minus'] as const;
type Resource = (typeof resources)[number];

/** Who is in the pool, with which priority: the conditions of RFC 6121, table 1, for an account that exists. */
const populations = {
  'no worker': {},
  'negative workers only': { minus: -1 },
  'one worker of priority 0, one negative': { one: 0, minus: -1 },
  'two workers of priority 0 and 5, one negative': { one: 0, two: 5, minus: -128 },
} as const satisfies Record<string, Partial<Record<Resource, number>>>;
type Population = keyof typeof populations;

/** How available the workers say that they are; `chat` and `xa` differ from these in order only. */
const shows = ['online', 'away', 'dnd'] as const;
type Show = (typeof shows)[number];

const types = ['normal', 'chat', 'groupchat', 'headline', 'error'] as const;
type MessageType = (typeof types)[number];

/** What must come of a message: who gets it, or the condition that the sender hears, or nothing at all. */
type Rule =
  | 'one of the non-negative'
  | 'all non-negative'
  | 'recipient-unavailable'
  | 'service-unavailable'
  | 'silence';

/** RFC 6121 8.5.2.1.1 and 8.5.2.2.1, with our choice where it leaves one. */
const rules: Readonly<Record<MessageType, Readonly<Record<'nobody' | 'somebody' | 'busy', Rule>>>> = {
  // A pool keeps nothing for later, so the sender is told. `dnd` takes nothing new.
  normal: { nobody: 'recipient-unavailable', somebody: 'one of the non-negative', busy: 'recipient-unavailable' },
  chat: { nobody: 'recipient-unavailable', somebody: 'one of the non-negative', busy: 'recipient-unavailable' },
  groupchat: { nobody: 'service-unavailable', somebody: 'service-unavailable', busy: 'service-unavailable' },
  headline: { nobody: 'silence', somebody: 'all non-negative', busy: 'all non-negative' },
  error: { nobody: 'silence', somebody: 'silence', busy: 'silence' },
};

interface Combination {
  readonly type: MessageType;
  readonly population: Population;
  readonly show: Show;
  readonly pool: string;
  readonly id: string;
}

const combinations: readonly Combination[] = Object.keys(populations).flatMap((name, number) =>
  shows.flatMap((show) =>
    types.map((type) => {
      const pool = `p${number}-${show}`;
      return { type, population: name as Population, show, pool, id: `${type}-${pool}` };
    }),
  ),
);

function nonNegative(population: Population): Resource[] {
  return resources.filter((resource) => (priorityOf(population, resource) ?? -1) >= 0);
}

function priorityOf(population: Population, resource: Resource): number | undefined {
  return Object.entries(populations[population]).find(([name]) => name === resource)?.[1];
}

function ruleFor({ type, population, show }: Combination): Rule {
  if (nonNegative(population).length === 0) return rules[type].nobody;
  return rules[type][show === 'dnd' ? 'busy' : 'somebody'];
}

/** Waits until all that was sent to this client before now has come: the pool's answer comes last. */
async function settle(client: TestClient): Promise<void> {
  await client.send(`<iq type='get' to='p0-online@${domain}' id='settle'><ping xmlns='urn:xmpp:ping'/></iq>`);
  await client.waitFor(({ attrs }) => attrs['id'] === 'settle', 'the pong of a pool');
}

const messagesAt = (client: TestClient, id: string): Element[] =>
  client.received.filter(({ name, attrs }) => name === 'message' && attrs['id'] === id);

/**
 * Every combination of message type, number and sign of priorities, and show, for the bare JID of a
 * pool: what arrives where, and what the sender hears.
 */
export function describeDeliveryRules(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`the rules of RFC 6121 for a pool's bare JID on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let sender: TestClient;
    let workers: Record<Resource, TestClient>;

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({
        accounts: { [sendersName]: 'pw', worker: 'pw' },
        components: { [domain]: 's3cret' },
      });
      const pools = [...new Set(combinations.map(({ pool }) => pool))];
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: Object.fromEntries(pools.map((pool) => [pool, { workers: ['worker@localhost'] }])),
      });
      await router.start();
      const login = (user: string, resource: string): Promise<TestClient> =>
        connectClient({ port: server.c2sPort, user, password: 'pw', resource });
      const [one, two, minus] = await Promise.all([
        login('worker', 'one'),
        login('worker', 'two'),
        login('worker', 'minus'),
      ]);
      workers = { one, two, minus };
      sender = await login(sendersName, 'r');
      await join();
      await sendAll();
    });

    after(async () => {
      await router?.remove();
      await server?.remove();
    });

    async function join(): Promise<void> {
      for (const resource of resources) {
        const client = workers[resource];
        // For servers that give presence only to those that are available themselves.
        await client.send('<presence><priority>-1</priority></presence>');
        for (const { population, show, pool, type } of combinations) {
          const priority = priorityOf(population, resource);
          if (priority === undefined || type !== 'normal') continue;
          const saying = show === 'online' ? '' : `<show>${show}</show>`;
          await client.send(`<presence to='${pool}@${domain}'>${saying}<priority>${priority}</priority></presence>`);
          await client.waitFor(({ attrs }) => attrs['from'] === `${pool}@${domain}`, `the presence of ${pool}`);
        }
      }
    }

    async function sendAll(): Promise<void> {
      for (const { type, pool, id } of combinations) {
        const error =
          type === 'error' ? "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>" : '';
        await sender.send(
          `<message to='${pool}@${domain}' type='${type}' id='${id}'><body>work</body>${error}</message>`,
        );
      }
      await settle(sender);
      await Promise.all(Object.values(workers).map(settle));
    }

    it('stands for 60 combinations', () => {
      equal(new Set(combinations.map(({ id }) => id)).size, 60);
    });

    for (const combination of combinations) {
      const { type, population, show, pool, id } = combination;
      const rule = ruleFor(combination);
      it(`${type}, ${population}, ${show}: ${rule}`, () => {
        const able = nonNegative(population);
        const got = resources.filter((resource) => messagesAt(workers[resource], id).length > 0);
        const heard = messagesAt(sender, id);
        if (rule === 'one of the non-negative') {
          equal(got.length, 1);
          equal(able.includes(got[0] ?? 'minus'), true, `${got[0]} got it`);
        } else {
          deepEqual(got, rule === 'all non-negative' ? able : []);
        }
        for (const resource of got) {
          const [copy, ...more] = messagesAt(workers[resource], id);
          deepEqual(more, []);
          // No type means normal, and a server may say it either way.
          equal(copy?.attrs['type'] ?? 'normal', type);
          equal(copy?.attrs['from'], `${pool}@${domain}/${sender.jid}`);
        }
        const condition = rule.endsWith('-unavailable') ? rule : undefined;
        deepEqual(
          heard.map((answer) => [answer.attrs['type'], answer.attrs['from'], conditionOf(answer)]),
          condition === undefined ? [] : [['error', `${pool}@${domain}`, condition]],
        );
      });
    }

    it('counted each of them once, and by what became of it', async () => {
      equal(await router.balance(), 0);
      const by = (outcome: string): Promise<number> => router.metric('switchyard_stanza_outcomes_total', { outcome });
      const count = (...wanted: Rule[]): number =>
        combinations.filter((combination) => wanted.includes(ruleFor(combination))).length;
      deepEqual(await Promise.all(['forwarded', 'bounced'].map(by)), [
        count('one of the non-negative', 'all non-negative'),
        count('recipient-unavailable', 'service-unavailable'),
      ]);
    });
  });
}

function conditionOf(answer: Element): string | undefined {
  return answer
    .getChild('error')
    ?.getChildElements()
    .find(({ name }) => name !== 'text')?.name;
}
