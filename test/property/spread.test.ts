import { equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import type { AlgorithmName, PoolSettings } from '../../src/core/settings.ts';
import { deliverySettings, poolSettings } from '../router/house.ts';
import { bodyOf, messagesOf, PoolNetwork } from '../support/models/pool-network.ts';

const alice = 'alice@home.example/phone';
const single: readonly AlgorithmName[] = ['roundrobin', 'weighted', 'leastbusy', 'sticky', 'mostactive'];

/** A service: whom it spreads over, by number, how many workers it has itself, and what it promises. */
interface Plan {
  readonly algorithm: AlgorithmName;
  readonly members: readonly number[];
  readonly workers: number;
  readonly durable: boolean;
}

/** Any graph: trees, diamonds, rings, and services that nobody works in. */
function graphs(algorithms: readonly AlgorithmName[], durable: fc.Arbitrary<boolean>): fc.Arbitrary<readonly Plan[]> {
  return fc.integer({ min: 2, max: 5 }).chain((size) =>
    fc.array(
      fc.record({
        algorithm: fc.constantFrom(...algorithms),
        members: fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { maxLength: 3 }),
        workers: fc.integer({ min: 0, max: 2 }),
        durable,
      }),
      { minLength: size, maxLength: size },
    ),
  );
}

function settingsOf(plan: Plan, own: number): PoolSettings {
  const members = plan.members
    .filter((number) => number !== own)
    .map((number) => ({ jid: `jobs@s${number}.example`, weight: 1 + (number % 3), label: undefined, capacity: 100 }));
  const delivery = deliverySettings(plan.durable ? { guarantee: 'at-least-once', ack: 'receipt', ttl: 20_000 } : {});
  return poolSettings({
    algorithm: plan.algorithm,
    members,
    delivery,
    memberMessages: own % 2 === 0 ? 'reject' : 'route',
    requests: { mode: 'proxy', namespaces: ['urn:example:work'], timeout: 5_000, redirects: [] },
  });
}

/** Opens all services and lets their workers join; each has given a receipt for what it got. */
async function networkOf(plans: readonly Plan[]): Promise<{ made: PoolNetwork; got: Map<string, number> }> {
  const made = new PoolNetwork();
  const got = new Map<string, number>();
  made.client(alice);
  for (const [number, plan] of plans.entries()) {
    const domain = `s${number}.example`;
    await made.add(domain, settingsOf(plan, number));
    for (let worker = 0; worker < plan.workers; worker += 1) {
      const jid = `w@work.example/${number}-${worker}`;
      made.client(jid, (stanza, on) => {
        const { from, to, id, type } = stanza.attrs;
        if (!stanza.is('message') || type === 'error' || bodyOf(stanza) === '') return;
        got.set(bodyOf(stanza), (got.get(bodyOf(stanza)) ?? 0) + 1);
        on.send(`<message from='${to}' to='${from}' id='r'><received xmlns='urn:xmpp:receipts' id='${id}'/></message>`);
      });
      made.send(`<presence from='${jid}' to='jobs@${domain}'/>`);
    }
    await made.settle();
  }
  await made.pass(13_000);
  return { made, got };
}

function sendTo(made: PoolNetwork, number: number, id: string): void {
  made.send(
    `<message type='chat' from='${alice}' to='jobs@s${number}.example' id='${id}'><body>${id}</body></message>`,
  );
}

/** Messages that came back to their sender, by id. */
function refusals(made: PoolNetwork): Map<string, number> {
  const refused = new Map<string, number>();
  for (const stanza of messagesOf(made.take(alice))) {
    const id = stanza.attrs['id'] ?? '';
    if (stanza.attrs['type'] === 'error') refused.set(id, (refused.get(id) ?? 0) + 1);
  }
  return refused;
}

describe('property: services that spread over each other', () => {
  it('end every message once, at a worker or at its sender, in any graph of them', async () => {
    await fc.assert(
      fc.asyncProperty(graphs(single, fc.constant(false)), async (plans) => {
        const { made, got } = await networkOf(plans);
        const sent = plans.flatMap((_, number) => [0, 1, 2].map((n) => ({ number, id: `m${number}-${n}` })));
        const before = made.passed;
        for (const { number, id } of sent) sendTo(made, number, id);
        await made.settle();
        const refused = refusals(made);
        for (const { id } of sent) equal((got.get(id) ?? 0) + (refused.get(id) ?? 0), 1, id);
        for (const { received, out } of made.nodes.values()) equal(out.outcomes.length, received);
        // Three pools for one message, four tries in each, and what comes back: nothing goes round.
        ok(made.passed - before <= sent.length * 500, String(made.passed - before));
      }),
      { numRuns: 60 },
    );
  });

  it('end every copy of `all`, and every durable message, in any graph of them', async () => {
    await fc.assert(
      fc.asyncProperty(graphs(['all', ...single], fc.boolean()), async (plans) => {
        const { made, got } = await networkOf(plans);
        const sent = plans.map((_, number) => ({ number, id: `m${number}` }));
        for (const { number, id } of sent) sendTo(made, number, id);
        await made.pass(120_000);
        const refused = refusals(made);
        for (const { id } of sent) ok((got.get(id) ?? 0) + (refused.get(id) ?? 0) >= 1, id);
      }),
      { numRuns: 25 },
    );
  });

  it('share out to static members and workers alike, as the algorithm says', async () => {
    const mix = fc.record({
      weights: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      workers: fc.integer({ min: 0, max: 3 }),
      algorithm: fc.constantFrom('roundrobin' as const, 'weighted' as const),
    });
    await fc.assert(
      fc.asyncProperty(mix, async ({ weights, workers, algorithm }) => {
        const made = new PoolNetwork();
        const counts = new Map<string, number>();
        const join = (jid: string, domain: string): void => {
          counts.set(jid, 0);
          made.client(jid, (stanza) => {
            if (stanza.is('message')) counts.set(jid, (counts.get(jid) ?? 0) + 1);
          });
          made.send(`<presence from='${jid}' to='jobs@${domain}'><priority>1</priority></presence>`);
        };
        for (const number of weights.keys()) {
          await made.add(`m${number}.example`, poolSettings());
          join(`w@work.example/m${number}`, `m${number}.example`);
        }
        await made.settle();
        const members = weights.map((weight, number) => ({
          jid: `jobs@m${number}.example`,
          weight,
          label: undefined,
          capacity: 100,
        }));
        await made.add('front.example', poolSettings({ algorithm, members }));
        for (let worker = 0; worker < workers; worker += 1) join(`w@work.example/own${worker}`, 'front.example');
        await made.pass(3_000);
        const share = [...weights, ...Array.from({ length: workers }, () => 1)].map((weight) =>
          algorithm === 'weighted' ? weight : 1,
        );
        const total = share.reduce((sum, one) => sum + one, 0);
        const count = 60;
        for (let n = 0; n < count; n += 1) {
          made.send(`<message from='${alice}' to='jobs@front.example' id='m${n}'><body>${n}</body></message>`);
        }
        await made.settle();
        const got = [...counts.values()];
        equal(
          got.reduce((sum, one) => sum + one, 0),
          count,
        );
        const bound = algorithm === 'weighted' ? 2 : 1;
        for (const [at, one] of share.entries())
          ok(Math.abs((got[at] ?? 0) - (count * one) / total) <= bound, String(got));
      }),
      { numRuns: 40 },
    );
  });

  it('answer every request once', async () => {
    await fc.assert(
      fc.asyncProperty(graphs(single, fc.constant(false)), async (plans) => {
        const { made } = await networkOf(plans);
        made.take(alice);
        for (const number of plans.keys()) {
          made.send(
            `<iq type='get' from='${alice}' to='jobs@s${number}.example' id='q${number}'><job xmlns='urn:example:work'/></iq>`,
          );
        }
        await made.pass(10_000);
        const answers = made.take(alice).filter((stanza) => stanza.is('iq'));
        equal(answers.length, plans.length);
        equal(new Set(answers.map((stanza) => stanza.attrs['id'])).size, plans.length);
      }),
      { numRuns: 30 },
    );
  });
});
