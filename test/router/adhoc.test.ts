import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import type { ErrorCode } from '../../src/core/errors/errors.ts';
import type { Answer, CommandAnswer } from '../../src/core/requests/answer.ts';
import type { PoolSettings, ServiceSettings } from '../../src/core/settings.ts';
import { domain, House, jobs, poolSettings, request, sender, serviceSettings } from './house.ts';

const boss = 'admin@example/desk';
const owner = 'ada@home.example/desk';
const node = 'http://jabber.org/protocol/commands';
const minute = 60_000;

type Form = Readonly<Record<string, string | readonly string[]>>;

/** What is sent beside the node of a command. */
interface Step {
  readonly session?: string;
  readonly action?: string;
  readonly form?: Form | 'malformed';
  readonly from?: string;
  readonly to?: string;
}

/** A house at which commands are given from XMPP clients. */
class Desk extends House {
  constructor(
    pools: readonly Partial<PoolSettings>[] = [{ owners: ['ada@home.example'] }, { name: 'other' }],
    changes: Partial<ServiceSettings> = {},
  ) {
    super(serviceSettings(pools.map(poolSettings), changes));
    this.router.linkUp(this.now);
    this.out.take();
  }

  send(command: string | undefined, { session, action = 'execute', form, from = boss, to = domain }: Step = {}): void {
    const filled =
      form === undefined || form === 'malformed'
        ? form
        : new Map(Object.entries(form).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]));
    const asked = { name: 'command', node: command, session, action, form: filled } as const;
    this.on(request(asked, { from, to, type: 'set' }));
  }

  /** The one answer since the last look, or the code of the error; presences are written beside it. */
  answer(): Answer | ErrorCode {
    const [written, ...more] = this.out.take().filter(({ call }) => call === 'answer' || call === 'bounce');
    equal(more.length, 0);
    if (written?.call === 'answer') return written.answer;
    ok(written?.call === 'bounce');
    return written.code;
  }

  /** The answer to a request that succeeds. */
  give(command: string, step: Step = {}): CommandAnswer {
    this.send(command, step);
    const answer = this.answer();
    ok(typeof answer !== 'string' && answer.name === 'command', JSON.stringify(answer));
    return answer;
  }

  refusal(command: string | undefined, step: Step = {}): Answer | ErrorCode {
    this.send(command, step);
    return this.answer();
  }

  disco(kind: 'disco-info' | 'disco-items', at: string, from: string, to: string): Answer | ErrorCode {
    this.on(
      request(kind === 'disco-info' ? { name: kind, node: at } : { name: kind, node: at, page: undefined }, {
        from,
        to,
      }),
    );
    return this.answer();
  }

  /** The names of the commands that are listed. */
  listed(from: string, to: string): readonly (string | undefined)[] {
    const answer = this.disco('disco-items', node, from, to);
    ok(typeof answer !== 'string' && answer.name === 'disco-items', JSON.stringify(answer));
    return answer.items.map((item) => item.node);
  }

  /** Lets `count` workers join the pool. */
  staff(count: number): void {
    for (let n = 0; n < count; n += 1) this.join(`w@work.example/${String(n).padStart(3, '0')}`);
  }
}

const names = ({ forms }: CommandAnswer) => forms[0]?.fields.map(({ name }) => name);
const stage = ({ status, actions }: CommandAnswer) => [status, ...actions];
const resources = ({ forms }: CommandAnswer) => forms[1]?.table?.rows.map(([, jid]) => jid?.split('/')[1]);

describe('router: ad-hoc commands, how they are found', () => {
  it('lists for each caller what he may give, at the service and at a pool', () => {
    const desk = new Desk();
    const all = desk.listed(boss, domain);
    ok(all.includes('transfers.maintenance') && all.includes('workers.drain'));
    const own = desk.listed(owner, domain);
    ok(own.includes('workers.drain') && !own.includes('transfers.maintenance'));
    const atPool = desk.listed(owner, jobs);
    ok(atPool.includes('workers.drain') && !atPool.includes('pools.list'));
    // What an administrator may do to a pool beside: whatever is about one pool.
    ok(desk.listed(boss, jobs).includes('transfers.maintenance'));
    deepEqual(desk.listed(sender, domain), []);
    deepEqual(desk.listed(sender, jobs), []);
    deepEqual(desk.listed(owner, `other@${domain}`), []);
  });

  it('says what the list and a command are, and hides commands of others', () => {
    const desk = new Desk();
    const list = desk.disco('disco-info', node, sender, domain);
    ok(typeof list !== 'string' && list.name === 'disco-info');
    deepEqual(list.identities, [{ category: 'automation', type: 'command-list', name: 'Commands' }]);
    const drain = desk.disco('disco-info', 'workers.drain', owner, jobs);
    ok(typeof drain !== 'string' && drain.name === 'disco-info');
    deepEqual(drain.identities, [{ category: 'automation', type: 'command-node', name: 'Drain a worker' }]);
    ok(drain.features.includes(node) && drain.features.includes('jabber:x:data'));
    deepEqual(desk.disco('disco-items', 'workers.drain', owner, jobs), {
      name: 'disco-items',
      node: 'workers.drain',
      items: [],
      page: undefined,
    });
    for (const kind of ['disco-info', 'disco-items'] as const) {
      equal(desk.disco(kind, 'workers.drain', sender, domain), 'command-forbidden');
      equal(desk.disco(kind, 'transfers.list', owner, domain), 'command-forbidden');
      equal(desk.disco(kind, 'pools.list', boss, jobs), 'command-unknown');
      equal(desk.disco(kind, 'no.such', boss, domain), 'unknown-node');
    }
  });

  it('is told among the features of the service and of a pool', () => {
    const desk = new Desk();
    for (const to of [domain, jobs]) {
      desk.on(request({ name: 'disco-info', node: undefined }, { to }));
      const answer = desk.answer();
      ok(typeof answer !== 'string' && answer.name === 'disco-info' && answer.features.includes(node));
    }
  });

  it('gives nothing away about a pool that one may not know of', () => {
    const desk = new Desk([{ senders: [] }]);
    for (const to of [jobs, `none@${domain}`]) {
      equal(desk.refusal('workers.list', { from: sender, to }), 'unreachable');
      equal(desk.disco('disco-items', node, sender, to), 'unreachable');
    }
  });
});

describe('router: ad-hoc commands, from stage to stage', () => {
  it('runs at once what must be told nothing, and shows it to people and to programs', () => {
    const desk = new Desk();
    desk.staff(1);
    const answer = desk.give('workers.list');
    deepEqual(stage(answer), ['completed']);
    deepEqual(answer.notes, [{ type: 'info', text: 'Workers: 1.' }]);
    const [people, programs] = answer.forms;
    equal(people?.type, 'result');
    match(
      people?.fields[0]?.values.join('\n') ?? '',
      /^Pool +Worker +Label +State.*\njobs +w@work\.example\/000 +000 +works/,
    );
    deepEqual(programs?.table?.columns.slice(0, 2), [
      { name: 'pool', label: 'Pool' },
      { name: 'worker', label: 'Worker' },
    ]);
    deepEqual(programs?.table?.rows[0]?.slice(0, 4), ['jobs', 'w@work.example/000', '000', 'works']);
    deepEqual(answer.page, { first: { id: '0', index: 0 }, last: '0', count: 1 });
    equal(desk.router.held.commands, 0);
  });

  it('says so when there is nothing to list', () => {
    deepEqual(new Desk().give('queue.status').notes, [{ type: 'info', text: 'There is none.' }]);
  });

  it('asks for what it must know, and at a pool not for the pool', () => {
    const desk = new Desk();
    const asked = desk.give('pools.show');
    deepEqual([stage(asked), names(asked)], [['executing', 'complete'], ['pool']]);
    const shown = desk.give('pools.show', { session: asked.session, form: { pool: ' jobs ' } });
    deepEqual(shown.forms[0]?.fields.find(({ name }) => name === 'pool')?.values, ['jobs']);
    deepEqual(stage(desk.give('pools.show', { to: jobs, from: owner })), ['completed']);
  });

  it('asks again, naming the field, until it can be done', () => {
    const desk = new Desk();
    desk.staff(1);
    const asked = desk.give('workers.weight', { to: jobs });
    deepEqual(names(asked), ['worker', 'weight']);
    deepEqual(asked.forms[0]?.fields[1]?.range, { min: 0, max: 1_000 });
    const { session } = asked;
    const form = { worker: 'w@work.example/000', weight: 'heavy' };
    const wrong = desk.give('workers.weight', { to: jobs, session, form });
    deepEqual(stage(wrong), ['executing', 'complete']);
    const text = 'Weight (weight): This is no whole number from 0 to 1000.';
    deepEqual(wrong.notes, [{ type: 'error', text }]);
    match(wrong.forms[0]?.instructions ?? '', /^Weight \(weight\): This is no whole number from 0 to 1000\. Its share/);
    deepEqual(
      wrong.forms[0]?.fields.map(({ values }) => values),
      [['w@work.example/000'], ['heavy']],
    );
    const absent = desk.give('workers.weight', { to: jobs, session, form: { worker: 'no', weight: '5' } });
    match(absent.notes[0]?.text ?? '', /^Worker \(worker\): No such worker/);
    const odd = desk.give('workers.weight', { to: jobs, session, form: { ...form, weight: '5', colour: 'red' } });
    match(odd.notes[0]?.text ?? '', /^colour: The command takes nothing/);
    const elsewhere = desk.give('workers.weight', { to: jobs, session, form: { ...form, weight: '5', pool: 'other' } });
    match(elsewhere.notes[0]?.text ?? '', /^pool: Write to that pool/);
    const done = desk.give('workers.weight', { to: jobs, session, action: 'complete', form: { ...form, weight: '5' } });
    equal(done.status, 'completed');
    ok(done.forms[1]?.table?.rows[0]?.includes('5'));
    equal(desk.refusal('workers.weight', { to: jobs, session }), 'adhoc-session-expired');
  });

  it('takes all that it must know with the first request, and does it at once', () => {
    const desk = new Desk();
    desk.staff(2);
    const done = desk.give('workers.drain', { form: { FORM_TYPE: 'x', worker: 'w@work.example/001', pool: 'jobs' } });
    deepEqual([stage(done), resources(done)], [['completed'], ['001']]);
    const again = desk.give('workers.drain', { form: { worker: 'nobody' } });
    deepEqual(stage(again), ['executing', 'complete']);
  });

  it('asks before it destroys, lets one go back, and does nothing without a yes', () => {
    const desk = new Desk();
    const asked = desk.give('queue.purge', { to: jobs });
    deepEqual([stage(asked), names(asked)], [['executing', 'next'], ['state']]);
    deepEqual(asked.forms[0]?.fields[0]?.options, ['ready', 'dead']);
    const { session } = asked;
    const wrong = desk.give('queue.purge', { to: jobs, session, form: { state: 'all' } });
    match(wrong.notes[0]?.text ?? '', /^State \(state\): This is none of ready, dead\.$/);
    const sure = desk.give('queue.purge', { to: jobs, session, action: 'next', form: { state: 'dead' } });
    deepEqual([stage(sure), names(sure)], [['executing', 'complete', 'prev'], ['confirm']]);
    deepEqual(sure.forms[0]?.instructions, 'All of these messages are deleted. State: dead');
    const back = desk.give('queue.purge', { to: jobs, session, action: 'prev' });
    deepEqual(back.forms[0]?.fields[0]?.values, ['dead']);
    desk.give('queue.purge', { to: jobs, session, form: { state: 'ready' } });
    for (const form of [{}, { confirm: '0' }, { confirm: 'yes' }]) {
      const hesitant = desk.give('queue.purge', { to: jobs, session, form });
      deepEqual([stage(hesitant), hesitant.notes[0]?.type], [['executing', 'complete', 'prev'], 'error']);
    }
    const done = desk.give('queue.purge', { to: jobs, session, form: { confirm: '1' } });
    // It is a plain pool: the command fails, and says so (XEP-0050 section 3.6).
    deepEqual(
      [done.status, done.notes],
      ['completed', [{ type: 'error', text: 'This pool keeps no messages: it is plain, and none waits in it.' }]],
    );
  });

  it('shows the form when what ran at once lacked something', () => {
    const asked = new Desk().give('transfers.maintenance');
    deepEqual(stage(asked), ['executing', 'complete']);
    ok(names(asked)?.includes('batch'));
    const desk = new Desk();
    const { session } = desk.give('transfers.maintenance');
    const wrong = desk.give('transfers.maintenance', { session, form: {} });
    deepEqual(wrong.notes, [{ type: 'error', text: 'Give exactly one of pool, host and all.' }]);
  });

  it('ends when it is cancelled', () => {
    const desk = new Desk();
    const { session } = desk.give('workers.drain');
    deepEqual(stage(desk.give('workers.drain', { session, action: 'cancel' })), ['canceled']);
    equal(desk.refusal('workers.drain', { session, form: { worker: 'x' } }), 'adhoc-session-expired');
    equal(desk.router.held.commands, 0);
  });

  it('waits for the disk, takes nothing meanwhile, and counts the request once', async () => {
    const desk = new Desk();
    const { session } = desk.give('pools.algorithm', { to: jobs });
    const before = desk.out.outcomes.length;
    desk.send('pools.algorithm', { to: jobs, session, form: { algorithm: 'weighted' } });
    equal(desk.out.outcomes.length, before);
    equal(desk.refusal('pools.algorithm', { to: jobs, session, action: 'cancel' }), 'adhoc-busy');
    desk.out.settle();
    await new Promise(setImmediate);
    const done = desk.answer();
    ok(typeof done !== 'string' && done.name === 'command' && done.status === 'completed');
    deepEqual(
      desk.out.outcomes.slice(before).map(({ outcome }) => outcome.kind),
      ['bounced', 'answered'],
    );
  });

  it('does so also when there is no memory for others who would wait', async () => {
    const desk = new Desk(undefined, { memory: 16 });
    desk.on(request({ name: 'cmr-set', algorithm: 'urn:xmpp:cmr:weighted' }, { from: boss, type: 'set' }));
    equal(desk.answer(), 'overloaded');
    desk.send('pools.algorithm', { to: jobs, form: { algorithm: 'weighted' } });
    desk.out.settle();
    await new Promise(setImmediate);
    const done = desk.answer();
    ok(typeof done !== 'string' && done.name === 'command' && done.status === 'completed');
  });
});

describe('router: ad-hoc commands, a long list', () => {
  it('comes in pages, forwards and back', () => {
    const desk = new Desk();
    desk.staff(120);
    const first = desk.give('workers.list', { to: jobs });
    const { session } = first;
    deepEqual(stage(first), ['executing', 'next', 'complete']);
    equal(first.forms[0]?.type, 'form');
    deepEqual(first.forms[0]?.instructions, '50 of 120 workers. From 1 to 50 of 120. Next shows more.');
    deepEqual([resources(first)?.at(0), resources(first)?.at(-1)], ['000', '049']);
    const second = desk.give('workers.list', { to: jobs, session });
    deepEqual(stage(second), ['executing', 'next', 'complete', 'prev']);
    deepEqual([resources(second)?.at(0), resources(second)?.at(-1)], ['050', '099']);
    deepEqual(second.page, { first: { id: '50', index: 50 }, last: '99', count: 120 });
    const back = desk.give('workers.list', { to: jobs, session, action: 'prev' });
    deepEqual([stage(back), resources(back)], [['executing', 'next', 'complete'], resources(first)]);
    equal(desk.refusal('workers.list', { to: jobs, session, action: 'prev' }), 'adhoc-bad-action');
    desk.give('workers.list', { to: jobs, session, action: 'next' });
    const last = desk.give('workers.list', { to: jobs, session, action: 'next', form: { rows: ['what', 'came'] } });
    deepEqual(stage(last), ['completed']);
    equal(last.forms[0]?.type, 'result');
    deepEqual([resources(last)?.at(0), resources(last)?.at(-1), resources(last)?.length], ['100', '119', 20]);
  });

  it('ends where one has seen enough, and begins where a program wants it to', () => {
    const desk = new Desk();
    desk.staff(120);
    const from = desk.give('workers.list', { form: { skip: '100', limit: '10' } });
    deepEqual([resources(from)?.at(0), resources(from)?.length], ['100', 10]);
    const { session } = from;
    const enough = desk.give('workers.list', { session, action: 'complete' });
    deepEqual([stage(enough), enough.forms], [['completed'], []]);
  });

  it('takes no notice of what comes back with a page, and says when there is nothing to turn any more', () => {
    const desk = new Desk();
    desk.staff(120);
    const { session } = desk.give('pools.explain', { form: { pool: 'jobs' } });
    const second = desk.give('pools.explain', { session, form: { rows: 'x'.repeat(40_000) } });
    deepEqual(second.forms[1]?.table?.rows.length, 50);
    desk.router.reload(serviceSettings([poolSettings({ name: 'other' })]), desk.now);
    desk.out.take();
    const gone = desk.give('pools.explain', { session });
    deepEqual(
      [stage(gone), gone.notes],
      [['completed'], [{ type: 'error', text: 'Pool (pool): There is no pool of this name.' }]],
    );
  });

  it('is told short, where it is of what was done', () => {
    const desk = new Desk();
    desk.staff(250);
    const done = desk.give('workers.drain', { form: { worker: 'w@work.example' } });
    equal(done.forms[1]?.table?.rows.length, 200);
    deepEqual(done.notes, [
      { type: 'info', text: 'Done.' },
      { type: 'warn', text: 'Not shown: 50 more.' },
    ]);
  });

  it('is cut into pages here, where the command has none', () => {
    const desk = new Desk(Array.from({ length: 120 }, (_, n) => ({ name: `p${n}` })));
    const first = desk.give('pools.list');
    equal(first.forms[1]?.table?.rows.length, 50);
    const { session } = first;
    desk.give('pools.list', { session });
    const last = desk.give('pools.list', { session });
    deepEqual(
      last.forms[1]?.table?.rows.map(([name]) => name),
      Array.from({ length: 20 }, (_, n) => `p${n + 100}`),
    );
    equal(last.status, 'completed');
  });

  it('is shorter where a stanza has no room for it, and nothing is skipped for that', () => {
    const desk = new Desk();
    desk.staff(60);
    let rows = 0;
    const write = desk.out.answer.bind(desk.out);
    desk.out.answer = (asked, answer) => {
      rows = answer.name === 'command' ? (answer.forms[1]?.table?.rows.length ?? 0) : 0;
      return rows > 20 ? 'too-large' : write(asked, answer);
    };
    const seen: (string | undefined)[] = [];
    let answer = desk.give('workers.list');
    for (; answer.status === 'executing'; answer = desk.give('workers.list', { session: answer.session }))
      seen.push(...(resources(answer) ?? []));
    deepEqual(
      [...seen, ...(resources(answer) ?? [])],
      Array.from({ length: 60 }, (_, n) => String(n).padStart(3, '0')),
    );
  });

  it('says that an answer has no room at all', () => {
    const desk = new Desk();
    desk.out.answer = () => 'too-large';
    equal(desk.refusal('pools.list'), 'too-large');
    equal(desk.refusal('workers.drain'), 'too-large');
  });
});

describe('router: ad-hoc commands, what is refused', () => {
  it('is a command of others, whoever asks', () => {
    const desk = new Desk();
    for (const from of [sender, owner]) equal(desk.refusal('transfers.list', { from }), 'command-forbidden');
    equal(desk.refusal('workers.list', { from: sender }), 'command-forbidden');
    equal(desk.refusal('workers.list', { from: sender, to: jobs }), 'command-forbidden');
    equal(desk.refusal('workers.list', { from: owner, to: `other@${domain}` }), 'command-forbidden');
    equal(desk.refusal('no.such', { from: sender }), 'command-unknown');
    equal(desk.refusal('no.such'), 'command-unknown');
    equal(desk.refusal('pools.list', { to: jobs }), 'command-unknown');
  });

  it('is an owner’s look at pools that are not his, as if there were none', () => {
    const desk = new Desk();
    const { session } = desk.give('pools.show', { from: owner });
    const answer = desk.give('pools.show', { from: owner, session, form: { pool: 'other' } });
    const none = desk.give('pools.show', { from: owner, session, form: { pool: 'none' } });
    deepEqual(answer.notes, none.notes);
    deepEqual(desk.give('pools.list', { from: owner }).forms[1]?.table?.rows.length, 1);
  });

  it('is every action that makes no sense, as XEP-0050 has it', () => {
    const desk = new Desk();
    const { session } = desk.give('workers.drain');
    equal(desk.refusal('workers.drain', { session, action: 'jump' }), 'adhoc-malformed-action');
    equal(desk.refusal('workers.drain', { session, action: 'next' }), 'adhoc-bad-action');
    equal(desk.refusal('workers.drain', { session, action: 'prev' }), 'adhoc-bad-action');
    for (const action of ['next', 'prev', 'complete', 'cancel'])
      equal(desk.refusal('workers.drain', { action }), 'adhoc-bad-action');
    equal(desk.refusal('workers.drain', { session, form: 'malformed' }), 'adhoc-bad-payload');
    equal(desk.refusal('workers.drain', { session, form: { worker: 'x'.repeat(40_000) } }), 'adhoc-bad-payload');
    equal(desk.refusal(undefined), 'adhoc-bad-payload');
    // It is all as it was.
    match(desk.give('workers.drain', { session, form: { worker: 'x' } }).notes[0]?.text ?? '', /No such worker/);
  });

  it('is a session of somebody else, of another command or place, or of nobody', () => {
    const desk = new Desk();
    const { session } = desk.give('workers.drain');
    equal(desk.refusal('workers.drain', { session, from: 'admin@example/other' }), 'adhoc-bad-session');
    equal(desk.refusal('workers.drain', { session, from: owner }), 'adhoc-bad-session');
    equal(desk.refusal('workers.drain', { session, to: jobs }), 'adhoc-bad-session');
    equal(desk.refusal('workers.resume', { session }), 'adhoc-bad-session');
    equal(desk.refusal('workers.drain', { session: 'none' }), 'adhoc-bad-session');
    equal(desk.refusal('workers.drain', { session: '' }), 'adhoc-bad-session');
    desk.give('workers.drain', { session, action: 'cancel' });
    equal(desk.refusal('workers.drain', { session, from: 'admin@example/other' }), 'adhoc-bad-session');
  });

  it('is a session of whoever was an owner and is none any more', () => {
    const desk = new Desk();
    const { session } = desk.give('workers.drain', { from: owner });
    desk.router.reload(serviceSettings([poolSettings(), poolSettings({ name: 'other' })]), desk.now);
    equal(desk.refusal('workers.drain', { from: owner, session, form: { worker: 'x' } }), 'command-forbidden');
  });

  it('is what nobody has used for ten minutes', () => {
    const desk = new Desk();
    const [used, old] = [desk.give('workers.drain').session, desk.give('workers.drain').session];
    desk.pass(6 * minute);
    desk.give('workers.drain', { session: used, form: {} });
    equal(desk.router.held.commands, 2);
    desk.pass(5 * minute);
    equal(desk.router.held.commands, 1);
    equal(desk.refusal('workers.drain', { session: old, form: {} }), 'adhoc-session-expired');
    desk.give('workers.drain', { session: used, form: {} });
    desk.pass(11 * minute);
    equal(desk.router.held.commands, 0);
  });

  it('is the oldest of the sessions of an account that opens a ninth', () => {
    const desk = new Desk();
    const other = desk.give('workers.drain', { from: owner }).session;
    const sessions = Array.from({ length: 9 }, (_, n) => desk.give('workers.drain', { from: `admin@example/${n}` }));
    equal(desk.router.held.commands, 9);
    desk.give('workers.drain', { from: owner, session: other, form: {} });
    equal(
      desk.refusal('workers.drain', { from: 'admin@example/0', session: sessions[0]?.session ?? '' }),
      'adhoc-session-expired',
    );
    desk.give('workers.drain', { from: 'admin@example/1', session: sessions[1]?.session ?? '', form: {} });
  });

  it('is more than 64 sessions in all; administrators get theirs all the same', () => {
    const desk = new Desk([{ owners: ['*@home.example'] }]);
    const from = (n: number): string => `o${n}@home.example/r`;
    const first = desk.give('workers.drain', { from: from(0) }).session;
    const second = desk.give('workers.drain', { from: from(1) }).session;
    for (let n = 2; n < 64; n += 1) desk.give('workers.drain', { from: from(n) });
    equal(desk.refusal('workers.drain', { from: from(64) }), 'adhoc-full');
    equal(desk.refusal('workers.list', { from: from(64) }), 'adhoc-full');
    notEqual(desk.give('workers.drain').session, first);
    equal(desk.router.held.commands, 64);
    equal(desk.refusal('workers.drain', { from: from(0), session: first }), 'adhoc-session-expired');
    desk.give('workers.drain', { from: from(1), session: second, form: {} });
  });
});
