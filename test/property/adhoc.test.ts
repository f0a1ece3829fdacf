import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Element, parse } from 'ltx';
import { prepareJid } from '../../src/core/address/jid.ts';
import type { DataForm, FormField } from '../../src/core/adhoc/form.ts';
import { commands } from '../../src/core/commands/perform.ts';
import type { CommandAnswer } from '../../src/core/requests/answer.ts';
import { ns } from '../../src/xmpp/codec/namespaces.ts';
import { writeCommand } from '../../src/xmpp/protocols/adhoc.ts';
import { deliverySettings, poolSettings, serviceSettings } from '../router/house.ts';
import { domain, escapeXml } from './stanza-arbitrary.ts';
import { Wire } from './wire.ts';

/** More runs for a long night: `FUZZ_RUNS=50000`. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 60);

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom(
    '',
    ' ',
    '<x/>',
    ']]>',
    '&amp;',
    '\'"',
    '</value><value>',
    '\n',
    '\t',
    '\r',
    '\u0000',
    '%s%n',
    '__proto__',
  ),
);

/** What XML cannot hold becomes U+FFFD; all else is read back as it was put in. */
function carried(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids.
  return value.replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd');
}

const children = (element: Element | undefined, name: string): readonly Element[] =>
  element?.getChildElements().filter((each) => each.getName() === name) ?? [];
const texts = (element: Element | undefined, name: string): readonly string[] =>
  children(element, name).map((each) => each.getText());

describe('ad-hoc commands: what is written is read back', () => {
  const field: fc.Arbitrary<FormField> = fc.record({
    name: text,
    kind: fc.constantFrom('boolean', 'list-single', 'text-multi', 'text-single'),
    label: text,
    help: text,
    required: fc.boolean(),
    values: fc.array(text, { maxLength: 3 }),
    options: fc.array(text, { maxLength: 2 }),
  });
  const column = fc.record({ name: text, label: text });
  const form: fc.Arbitrary<DataForm> = fc.record({
    type: fc.constantFrom('form', 'result'),
    title: text,
    instructions: text,
    fields: fc.array(field, { maxLength: 3 }),
    table: fc.record({
      columns: fc.tuple(column, column),
      rows: fc.array(fc.tuple(text, text), { maxLength: 3 }),
    }),
  });
  const answer: fc.Arbitrary<CommandAnswer> = fc.record({
    node: text,
    session: text,
    status: fc.constantFrom('executing', 'completed', 'canceled'),
    actions: fc.constantFrom<CommandAnswer['actions']>([], ['complete'], ['next', 'prev']),
    notes: fc.array(fc.record({ type: fc.constantFrom('info', 'warn', 'error'), text }), { maxLength: 2 }),
    forms: fc.array(form, { maxLength: 2 }),
    page: fc.constantFrom(undefined, { first: { id: '0', index: 0 }, last: '1', count: 2 }),
  });

  function assertForm(read: Element | undefined, { title, instructions, fields, table }: DataForm): void {
    assert.deepEqual(texts(read, 'title'), [carried(title)]);
    assert.deepEqual(texts(read, 'instructions'), instructions === '' ? [] : [carried(instructions)]);
    const [, ...asked] = children(read, 'field');
    assert.deepEqual(
      asked.map((each) => [each.attrs['var'], each.attrs['label'], texts(each, 'desc'), texts(each, 'value')]),
      fields.map(({ name, label, help = '', values }) => [
        carried(name),
        carried(label),
        [carried(help)],
        values.map(carried),
      ]),
    );
    assert.deepEqual(
      asked.map((each) => children(each, 'option').map((option) => [option.attrs['label'], ...texts(option, 'value')])),
      fields.map(({ options = [] }) => options.map((word) => [carried(word), carried(word)])),
    );
    assert.deepEqual(
      children(read, 'item').map((item) => children(item, 'field').map((cell) => texts(cell, 'value'))),
      table?.rows.map((row) => row.map((cell) => [carried(cell)])) ?? [],
    );
  }

  it('whatever stands in names, labels, values and notes', () => {
    fc.assert(
      fc.property(answer, (told) => {
        const read = parse(writeCommand({ name: 'command', ...told }));
        assert.deepEqual([read.attrs['node'], read.attrs['sessionid']], [carried(told.node), carried(told.session)]);
        assert.deepEqual(
          texts(read, 'note'),
          told.notes.map((note) => carried(note.text).replaceAll('%', '\uff05')),
        );
        const forms = children(read, 'x');
        assert.equal(forms.length, told.forms.length);
        for (const [at, each] of told.forms.entries()) assertForm(forms[at], each);
      }),
      { numRuns: 5 * numRuns },
    );
  });
});

const boss = 'admin@example/a';
const owner = 'ada@home.example/a';
const asking = `xmlns='${ns.commands}'`;

describe('ad-hoc commands: what others have made of their names', () => {
  it('comes to operators as it is, and as nothing else', () => {
    fc.assert(
      fc.property(text, text, fc.array(text, { maxLength: 4 }), (title, description, resources) => {
        const wire = new Wire(serviceSettings([poolSettings({ title, description })], { domain }));
        const workers = resources
          .map((resource) => prepareJid(`w@work.example/${resource}`))
          .flatMap((prepared) => (prepared.ok && prepared.jid.includes('/') ? [prepared.jid] : []));
        for (const worker of workers) {
          const label = `<x xmlns='${ns.worker}' label='${escapeXml(worker)}'/>`;
          wire.read(`<presence from='${escapeXml(worker)}' to='jobs@${domain}'>${label}</presence>`, 1_000);
        }
        const ask = (node: string): Element | undefined => {
          const command = `<command ${asking} node='${node}'/>`;
          wire.read(`<iq type='set' id='${node}' from='${boss}' to='jobs@${domain}'>${command}</iq>`, 1_000);
          return children(wire.written.at(-1), 'command')[0];
        };
        const [people] = children(ask('pools.show'), 'x');
        const named = children(people, 'field').find((each) => each.attrs['var'] === 'title');
        // Of a title that is nothing but line breaks there is nothing to tell.
        assert.equal(texts(named, 'value').join('\n'), /^\n*$/.test(title) ? '' : carried(title));
        const [, table] = children(ask('workers.list'), 'x');
        assert.deepEqual(
          children(table, 'item').map((row) => texts(children(row, 'field')[1], 'value')[0]),
          [...new Set(workers)],
        );
        wire.assertAccounted();
      }),
      { numRuns },
    );
  });
});

/** One request for a command. */
interface Try {
  readonly node: string;
  readonly from: string;
  readonly to: string;
  readonly action: string | undefined;
  /** Which of the sessions that were told of; none for a new one, or one that nobody has. */
  readonly session: number | 'none' | 'invented';
  readonly form: string;
}

type Step =
  | { readonly do: 'try'; readonly try: Try }
  | { readonly do: 'pass'; readonly milliseconds: number }
  | { readonly do: 'settle'; readonly fails: boolean };

const numbered = /^c\d+$/;
/** What waits for the store has its promises settled. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A router at which people try commands; each request must be answered once. */
class Desk {
  readonly #wire: Wire;
  /** What was begun and not ended, as far as its caller knows. */
  readonly #begun: { readonly sent: Try; readonly session: string }[] = [];
  #asked = 0;

  constructor() {
    const delivery = deliverySettings({ guarantee: 'at-least-once' });
    const pools = [poolSettings({ owners: ['ada@home.example'], delivery }), poolSettings({ name: 'other' })];
    const many = Array.from({ length: 60 }, (_, n) => poolSettings({ name: `p${n}`, senders: [] }));
    this.#wire = new Wire(serviceSettings([...pools, ...many], { domain }));
    this.#wire.read(`<presence from='w@work.example/r' to='jobs@${domain}'/>`, 1_000);
  }

  async take(next: Step): Promise<void> {
    this.#wire.now += 20;
    if (next.do === 'pass') this.#wire.pass(next.milliseconds, 1);
    else if (next.do === 'settle') this.#wire.settle(next.fails ? new Error('disk full') : undefined);
    else await this.#try(next.try);
    await settled();
    assert.ok(this.#wire.router.held.commands <= 64);
  }

  async #try(wanted: Try): Promise<void> {
    const { action, form } = wanted;
    const begun = typeof wanted.session === 'number' ? this.#begun.at(-1 - wanted.session) : undefined;
    const sent = begun === undefined ? wanted : { ...begun.sent, action, form };
    const sessionid = wanted.session === 'invented' ? 'own-1' : begun?.session;
    const attributes = Object.entries({ node: sent.node, sessionid, action })
      .map(([name, value]) => (value === undefined ? '' : ` ${name}='${escapeXml(value)}'`))
      .join('');
    this.#asked += 1;
    const head = `<iq type='set' id='c${this.#asked}' from='${sent.from}' to='${sent.to}'>`;
    this.#wire.read(`${head}<command ${asking}${attributes}>${form}</command></iq>`, 100_000);
    await settled();
    const answer = this.#wire.written.findLast(({ attrs }) => attrs['id'] === `c${this.#asked}`);
    const { status, sessionid: session } = stageIn(answer) ?? {};
    if (begun === undefined && status === 'executing' && session !== undefined) this.#begun.push({ sent, session });
  }

  /** All that waits is done, and time goes by; returns how often each end came. */
  async end(): Promise<ReadonlyMap<string, number>> {
    const wire = this.#wire;
    for (const milliseconds of [0, 700_000, 0]) {
      wire.pass(milliseconds, 1);
      wire.settle();
      await settled();
    }
    wire.assertAccounted();
    assert.deepEqual([wire.router.held.commands, wire.router.held.memory], [0, 0]);
    const answers = wire.written.filter(({ name, attrs }) => name === 'iq' && numbered.test(attrs['id'] ?? ''));
    assert.equal(answers.length, this.#asked);
    const ends = new Map(wire.out.counts);
    for (const answer of answers) {
      const status = stageIn(answer)?.['status'] ?? 'an error';
      ends.set(status, (ends.get(status) ?? 0) + 1);
    }
    return ends;
  }
}

/** What a result says of the stage. */
function stageIn(answer: Element | undefined): Element['attrs'] | undefined {
  return answer?.attrs['type'] === 'result' ? children(answer, 'command')[0]?.attrs : undefined;
}

describe('ad-hoc commands: any request in any order', () => {
  const values = fc.constantFrom(
    'jobs',
    'other',
    'w@work.example/r',
    '5',
    'all',
    'ready',
    'dead',
    'weighted',
    '',
    '1',
    'true',
    'x',
  );
  const filled = fc
    .array(
      fc.tuple(
        fc.constantFrom(
          'pool',
          'worker',
          'algorithm',
          'state',
          'weight',
          'confirm',
          'ids',
          'skip',
          'limit',
          'after',
          'text',
          'FORM_TYPE',
          'odd',
        ),
        fc.array(values, { maxLength: 2 }),
      ),
      { maxLength: 4 },
    )
    .map((fields) => {
      const inner = fields.map(([name, all]) => {
        return `<field var='${name}'>${all.map((value) => `<value>${escapeXml(value)}</value>`).join('')}</field>`;
      });
      return `<x xmlns='jabber:x:data' type='submit'>${inner.join('')}</x>`;
    });
  const form = fc.oneof(
    { arbitrary: filled, weight: 6 },
    fc.constantFrom(
      '',
      '',
      "<x xmlns='jabber:x:data' type='form'/>",
      "<x xmlns='jabber:x:data' type='cancel'/>",
      "<x xmlns='urn:other'/>",
      `<x xmlns='jabber:x:data' type='submit'><field var='pool'><value>${'x'.repeat(9_000)}</value></field></x>`,
    ),
  );
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      arbitrary: fc
        .record<Try>({
          node: fc.oneof({ arbitrary: fc.constantFrom(...commands.keys()), weight: 9 }, fc.constantFrom('', 'no.such')),
          from: fc.constantFrom(boss, boss, boss, 'admin@example/b', owner, owner, 'eve@far.example/x', 'far.example'),
          to: fc.constantFrom(domain, domain, `jobs@${domain}`, `jobs@${domain}`, `other@${domain}`, `none@${domain}`),
          action: fc.constantFrom(undefined, undefined, 'execute', 'next', 'complete', 'prev', 'cancel', 'odd'),
          session: fc.oneof(
            { arbitrary: fc.nat(8), weight: 6 },
            { arbitrary: fc.constant('none' as const), weight: 5 },
            fc.constant('invented' as const),
          ),
          form,
        })
        .map((each) => ({ do: 'try' as const, try: each })),
      weight: 20,
    },
    fc.record({ do: fc.constant('pass' as const), milliseconds: fc.constantFrom(100, 60_000, 700_000) }),
    fc.record({ do: fc.constant('settle' as const), fails: fc.constantFrom(false, false, true) }),
  );

  /** Plays the steps; returns how often each end came. */
  async function play(steps: readonly Step[]): Promise<ReadonlyMap<string, number>> {
    const desk = new Desk();
    for (const next of steps) await desk.take(next);
    return desk.end();
  }

  it('is answered once, by what XEP-0050 has for it, and nothing of it is kept', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        await play(steps);
      }),
      { numRuns },
    );
  });

  it('comes to each end often enough to mean something', async () => {
    const counts = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 60, size: 'max' }), async (steps) => {
        for (const [end, count] of await play(steps)) counts.set(end, (counts.get(end) ?? 0) + count);
      }),
      // The same runs each time: what they reach is a property of the generators, not of the day.
      { numRuns: 40, seed: 50 },
    );
    const rare = [
      'executing',
      'completed',
      'canceled',
      'bounced adhoc-bad-action',
      'bounced adhoc-malformed-action',
      'bounced adhoc-bad-payload',
      'bounced adhoc-bad-session',
      'bounced adhoc-session-expired',
      'bounced command-forbidden',
      'bounced command-unknown',
      'bounced unreachable',
    ].filter((end) => (counts.get(end) ?? 0) < 5);
    assert.deepEqual(rare, [], JSON.stringify([...counts]));
  });
});
