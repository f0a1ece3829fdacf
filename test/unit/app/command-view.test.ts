import { deepEqual, equal, match } from 'node:assert/strict';
import fc from 'fast-check';
import { readAnswer, renderAnswer } from '../../../src/app/operate/command-view.ts';
import { table } from '../../../src/app/terminal/table.ts';
import { commands } from '../../../src/core/commands/perform.ts';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const screen = { width: undefined, now };
const view = {
  rows: 'items',
  columns: [
    { key: 'name', label: 'Name' },
    { key: 'size', label: 'Size', kind: 'bytes' },
    { key: 'seen', label: 'Seen', kind: 'time' },
    { key: 'note', label: 'Note' },
  ],
} as const;

describe('an answer of the router, shown', () => {
  it('is a table without columns that hold nothing, and a sentence', () => {
    const items = [
      { name: 'a', size: 12, seen: '2026-11-21T11:58:30.000Z', note: null },
      { name: 'bcd', size: 5 * 1024 * 1024, seen: '2026-11-21T12:00:30.000Z' },
    ];
    const text = renderAnswer(view, { items, text: '2 of 9.' }, screen);
    equal(text, 'NAME  SIZE     SEEN\na     12 B     1m ago\nbcd   5.0 MiB  in 30s\n2 of 9.\n');
    equal(renderAnswer(view, { items: [] }, screen), 'There is none.\n');
    equal(renderAnswer(view, { items: [], text: 'Gone.' }, screen), 'Gone.\n');
  });

  it('is a line for each value of one thing', () => {
    const body = { name: 'a', size: 2048, note: ['x', { y: 1, z: null }, true], seen: null };
    equal(renderAnswer({ ...view, rows: undefined }, body, screen), 'Name: a\nSize: 2.0 KiB\nNote: x, (y: 1), yes\n');
  });

  it('shows what belongs to what, where a value holds others', () => {
    const note = { ready: 2, oldest: null, tally: { accepted: 3, by: ['a', 'b'] } };
    const text = renderAnswer({ ...view, rows: undefined }, { note }, screen);
    equal(text, 'Note: ready: 2; tally: (accepted: 3; by: a, b)\n');
  });

  it('fits the terminal, and is cut nowhere: sentences are broken, else each row is a record', () => {
    const note = 'It gets nothing: it has one of the one messages that it may have.';
    const items = [
      { name: 'w@work.example/a-long-resource', note },
      { name: 'b', note: '' },
    ];
    const at = (width: number) =>
      renderAnswer(view, { items, text: 'There are more of them after b.' }, { now, width });
    equal(
      at(64),
      [
        'NAME                            NOTE',
        'w@work.example/a-long-resource  It gets nothing: it has one of',
        '                                the one messages that it may',
        '                                have.',
        'b',
        'There are more of them after b.',
        '',
      ].join('\n'),
    );
    equal(
      at(40),
      [
        'NAME: w@work.example/a-long-resource',
        'NOTE: It gets nothing: it has one of the',
        '      one messages that it may have.',
        '',
        'NAME: b',
        '',
        'There are more of them after b.',
        '',
      ].join('\n'),
    );
    equal(at(120).split('\n')[1], `w@work.example/a-long-resource  ${note}`);
    match(at(20), /w@work\.example\/a-long-resource\n[\s\S]*\nThere are more of\nthem after b\.\n$/);
  });

  it('fits the terminal live, the widest columns cut first', () => {
    const rows = [['w@work.example/a-very-long-resource-of-a-worker', 'works', '1']];
    const lines = table(['WORKER', 'STATE', 'WEIGHT'], rows, 40).split('\n');
    equal(Math.max(...lines.map((line) => line.length)) <= 40, true);
    match(lines[1] ?? '', /^w@work\.example\/a-v.*… {2}works {2}1$/);
    match(table(['A'], [['x'.repeat(50)]], 3), /^A\nx{7}…\n$/);
  });

  it('steers no terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const text = renderAnswer(view, { items: [{ name }], text: name }, screen);
        deepEqual(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(text.replaceAll('\n', '')), false);
      }),
    );
    match(renderAnswer(view, { items: [{ name: '\u001b[2J' }] }, screen), /\\u\{1b\}\[2J/);
  });

  it('is read only if it is an object', () => {
    deepEqual([readAnswer(undefined), readAnswer([1]), readAnswer({ a: 1 })], [undefined, undefined, { a: 1 }]);
  });
});

describe('the commands', () => {
  it('are named by what they are about and what they do, and each is described', () => {
    for (const { name, title, help, fields, view: shown } of commands.values()) {
      match(name, /^[a-z]+\.[a-z]+(?:-[a-z]+)*$/);
      match(title, /^[A-Z].*[^.]$/);
      match(help, /\.$/);
      equal(shown.columns.length > 0, true, name);
      for (const field of fields) match(field.help, /\.$/, `${name} ${field.name}`);
    }
  });
});
