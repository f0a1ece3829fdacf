import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { JsonObject } from '../../src/core/commands/merge-patch.ts';
import type { CommandAnswer } from '../../src/core/requests/answer.ts';
import { quietDesk } from './core-hooks.ts';
import { domain, House, jobs, poolSettings, request, serviceSettings } from './house.ts';

const boss = 'admin@example/desk';
const owner = 'ada@home.example/desk';
const command = 'pools.edit';
const kept: JsonObject = {
  name: 'Jobs',
  workers: ['*@work.example', 'w@other.example'],
  weights: { 'big@work.example': 5 },
  delivery: { guarantee: 'at-least-once', capacity: 20, ordering: 'from' },
  rate: { perSender: '10/s' },
};

interface Step {
  readonly session?: string;
  readonly action?: string;
  readonly form?: ReadonlyMap<string, readonly string[]>;
  readonly from?: string;
  readonly to?: string;
}

/** A house where `jobs` was made by a command, and `fixed` stands in the configuration. */
class Desk extends House {
  readonly changed: JsonObject[] = [];

  constructor() {
    const changed: JsonObject[] = [];
    const pools = [{ owners: ['ada@home.example'] }, { name: 'fixed' }].map(poolSettings);
    super(serviceSettings(pools), undefined, {
      pools: {
        ...quietDesk.pools,
        find: (name) => (name === 'jobs' ? { settings: kept, by: 'boss', at: 0 } : undefined),
        change: (_, settings) => {
          changed.push(settings);
          return Promise.resolve({ done: { changes: [] } });
        },
      },
    });
    this.changed = changed;
    this.router.linkUp(this.now);
    this.out.take();
  }

  give({ session, action = 'execute', form, from = boss, to = domain }: Step = {}): CommandAnswer {
    this.on(request({ name: 'command', node: command, session, action, form }, { from, to, type: 'set' }));
    return this.answer();
  }

  answer(): CommandAnswer {
    const [written] = this.out.take().filter(({ call }) => call === 'answer' || call === 'bounce');
    ok(written?.call === 'answer' && written.answer.name === 'command', JSON.stringify(written));
    return written.answer;
  }
}

const stage = ({ status, actions }: CommandAnswer) => [status, ...actions];
const filled = ({ forms }: CommandAnswer) =>
  new Map(forms[0]?.fields.filter(({ values }) => values.join('') !== '').map(({ name, values }) => [name, values]));
const note = ({ notes }: CommandAnswer) => notes[0]?.text ?? '';

describe('router: a pool that was made, changed from an XMPP client', () => {
  const current = {
    title: ['Jobs'],
    workers: ['*@work.example', 'w@other.example'],
    guarantee: ['at-least-once'],
    capacity: ['20'],
    weights: ['big@work.example=5'],
    settings: ['{"rate":{"perSender":"10/s"},"delivery":{"ordering":"from"}}'],
  };

  it('is asked for first, then shown as it is, and stays so where nothing is changed', async () => {
    const desk = new Desk();
    const first = desk.give();
    deepEqual([stage(first), first.forms[0]?.fields.map(({ name }) => name)], [['executing', 'next'], ['pool']]);
    const { session } = first;
    const second = desk.give({ session, form: new Map([['pool', ['jobs']]]) });
    deepEqual([stage(second), Object.fromEntries(filled(second))], [['executing', 'complete', 'prev'], current]);
    desk.give({ session, action: 'prev', form: filled(second) });
    const again = desk.give({ session, action: 'next', form: new Map([['pool', ['jobs']]]) });
    deepEqual(Object.fromEntries(filled(again)), current);
    desk.on(
      request(
        { name: 'command', node: command, session, action: 'complete', form: filled(again) },
        { from: boss, to: domain, type: 'set' },
      ),
    );
    await setImmediate();
    equal(desk.answer().status, 'completed');
    deepEqual(desk.changed, [kept]);
  });

  it('is shown at once at its own address; to its owner without what only administrators may give', () => {
    const desk = new Desk();
    const shown = desk.give({ from: owner, to: jobs });
    const { settings: _, ...his } = current;
    deepEqual([stage(shown), Object.fromEntries(filled(shown))], [['executing', 'complete'], his]);
    const wrong = desk.give({
      from: owner,
      to: jobs,
      session: shown.session,
      form: new Map([...filled(shown), ['capacity', ['many']]]),
    });
    match(note(wrong), /^Capacity \(capacity\): This is no whole number/);
    equal(filled(wrong).get('title')?.[0], 'Jobs');
  });

  it('is refused before anything is filled in, where it cannot be changed', () => {
    const desk = new Desk();
    const { session } = desk.give();
    for (const [pool, words] of [
      ['fixed', /^Pool \(pool\): This pool stands in the configuration/],
      ['nope', /^Pool \(pool\): There is no pool of this name/],
      ['', /^Pool \(pool\): There is no pool/],
    ] as const) {
      const refused = desk.give({ session, form: new Map([['pool', [pool]]]) });
      match(note(refused), words);
      deepEqual(stage(refused), ['executing', 'next']);
    }
    const atOnce = desk.give({ to: `fixed@${domain}` });
    deepEqual(stage(atOnce), ['completed']);
    match(note(atOnce), /stands in the configuration/);
  });

  it('is deleted after a question that says what was filled in, yes and no as words', () => {
    const desk = new Desk();
    const ask = (force: string): string => {
      const form = new Map(Object.entries({ pool: ['jobs'], force: [force] }));
      desk.on(
        request(
          { name: 'command', node: 'pools.delete', session: undefined, action: 'execute', form },
          { from: boss, to: domain, type: 'set' },
        ),
      );
      return desk.answer().forms[0]?.instructions ?? '';
    };
    match(ask('1'), / is forgotten\. Pool: jobs, Even so: yes$/);
    match(ask('0'), / is forgotten\. Pool: jobs$/);
  });
});
