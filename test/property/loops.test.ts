import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Element } from 'ltx';
import type { PoolSettings } from '../../src/core/settings.ts';
import { poolSettings, serviceSettings } from '../router/house.ts';
import { domain } from './stanza-arbitrary.ts';
import { Wire } from './wire.ts';

const names = ['one', 'two', 'three', 'four'];
const accounts = ['w1@work.example/r', 'w2@work.example/r', 'w3@work.example/r'];
const sender = 'sensor@far.example/r';

/** What a program does with all that it gets: answers where it came from, keeps it, or passes it on to a pool. */
const habit = fc.constantFrom('answer', 'keep', ...names);

const scene = fc.record({
  pools: fc.tuple(
    ...names.map((name) =>
      fc.record({
        name: fc.constant(name),
        identity: fc.constantFrom('real' as const, 'alias' as const),
        proxy: fc.constantFrom('resource' as const, 'localpart' as const),
        algorithm: fc.constantFrom('roundrobin' as const, 'all' as const),
        memberMessages: fc.constantFrom('route' as const, 'reject' as const),
      }),
    ),
  ),
  /** Of each worker its habit, and the pools that it is in. */
  workers: fc.tuple(...accounts.map(() => fc.record({ habit, pools: fc.subarray(names, { minLength: 1 }) }))),
  sender: habit,
});

/** Everybody copies the children of what he gets, to the last. */
function copied(got: Element, from: string, to: string, id: string): string {
  return `<message type='chat' from='${from}' to='${to}' id='${id}'>${got.children.map(String).join('')}</message>`;
}

/** The messages that are written after one message to the first pool, until nothing happens any more or it is too much. */
function rounds(
  pools: readonly Partial<PoolSettings>[],
  habits: ReadonlyMap<string, string>,
  joins: readonly (readonly [worker: string, pool: string])[],
): Element[] {
  const wire = new Wire(serviceSettings(pools.map(poolSettings), { domain }));
  for (const [worker, pool] of joins) wire.read(`<presence from='${worker}' to='${pool}@${domain}'/>`, 1_000_000);
  wire.read(`<message type='chat' from='${sender}' to='one@${domain}' id='first'><body>x</body></message>`, 1_000_000);
  wire.settle();
  const messages: Element[] = [];
  for (let at = 0; at < wire.written.length && messages.length <= tooMany; at += 1) {
    const stanza = wire.written[at];
    if (stanza === undefined || stanza.getName() !== 'message' || stanza.attrs['type'] === 'error') continue;
    messages.push(stanza);
    const to = stanza.attrs['to'] ?? '';
    const does = habits.get(to) ?? 'keep';
    if (does === 'keep') continue;
    const next = does === 'answer' ? (stanza.attrs['from'] ?? '') : `${does}@${domain}`;
    wire.read(copied(stanza, to, next, `m${at}`), 1_000_000);
    wire.settle();
  }
  wire.assertAccounted();
  return messages;
}

/** Three workers, three pools, a copy for each of them, and an answer to each copy: no more than this can be written. */
const tooMany = 2 * (3 + 9 + 27);

describe('property: messages that go round', () => {
  it('end after three pools, whatever the pools show and whoever passes on or answers', () => {
    fc.assert(
      fc.property(scene, ({ pools, workers, sender: his }) => {
        const habits = new Map([[sender, his], ...accounts.map((jid, at) => [jid, workers[at]?.habit ?? ''] as const)]);
        const joins = accounts.flatMap((jid, at) => (workers[at]?.pools ?? []).map((pool) => [jid, pool] as const));
        const messages = rounds(pools, habits, joins);
        assert.ok(messages.length <= tooMany, `${messages.length} messages`);
      }),
      { numRuns: 300 },
    );
  });

  it('pass three pools that show their senders, and no fourth', () => {
    const habits = new Map(accounts.map((jid, at) => [jid, names[at + 1] ?? '']));
    const pools = names.map((name) => ({ name }));
    const joins = [
      ...accounts.map((jid, at) => [jid, names[at] ?? ''] as const),
      ['w4@work.example/r', 'four'] as const,
    ];
    assert.deepEqual(
      rounds(pools, habits, joins).map(({ attrs }) => attrs['to']),
      accounts,
    );
  });
});
