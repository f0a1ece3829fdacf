import { deepEqual } from 'node:assert/strict';
import { plain, spoken, viewOfAnswer } from '../../../console/src/form/answer-view.ts';
import {
  type CommandField,
  firstValues,
  givenOf,
  grouped,
  isCommandList,
  missingFields,
} from '../../../console/src/form/command-form.ts';
import { readAnswer } from '../../../console/src/live/answer.ts';

const field = (name: string, kind: string, values: Partial<CommandField> = {}): CommandField => ({
  name,
  label: name,
  help: '',
  kind,
  choices: null,
  required: false,
  default: null,
  ...values,
});

const fields = [
  field('pool', 'text', { required: true }),
  field('ids', 'list', { required: true }),
  field('pace', 'whole', { default: '50' }),
  field('all', 'flag', { default: 'false' }),
];

describe('the form of a command', () => {
  it('begins with what counts when nothing is given, and with what is known', () => {
    deepEqual(firstValues(fields, { pool: 'jobs', strange: 'x' }), { pool: 'jobs', ids: '', pace: '50', all: '' });
  });

  it('sends lists as lists and flags as flags, and leaves out what is empty', () => {
    deepEqual(givenOf(fields, { pool: ' jobs ', ids: 'a, b\nc', pace: '', all: 'true' }), {
      pool: 'jobs',
      ids: ['a', 'b', 'c'],
      all: true,
    });
  });

  it('knows what must be given', () => {
    deepEqual(missingFields(fields, { pool: '', ids: ' ', pace: '' }), ['pool', 'ids']);
  });

  it('groups commands by what they are about', () => {
    const about = (name: string) => ({ name, title: '', help: '', role: '', reads: true, destroys: null, fields: [] });
    deepEqual(
      grouped(['pools.list', 'queue.list', 'pools.show'].map(about)).map(([thing, all]) => [thing, all.length]),
      [
        ['pools', 2],
        ['queue', 1],
      ],
    );
    deepEqual(
      [isCommandList({ commands: [about('x')] }), isCommandList({ commands: [1] }), isCommandList(null)],
      [true, false, false],
    );
  });
});

describe('the answer of a command', () => {
  it('is shown as text, values and tables, whatever it is', () => {
    deepEqual(
      viewOfAnswer({ text: 'Well.', maxLost: 3, list: ['a', 'b'], none: null, rows: [{ a: 1 }, { b: { c: 2 } }] }),
      {
        text: 'Well.',
        facts: [
          ['max lost', '3'],
          ['list', 'a, b'],
          ['none', '–'],
        ],
        tables: [
          {
            name: 'rows',
            columns: ['a', 'b'],
            rows: [
              ['1', '–'],
              ['–', 'c 2'],
            ],
            left: 0,
          },
        ],
      },
    );
    deepEqual(viewOfAnswer(7).facts, [['answer', '7']]);
    deepEqual([plain({}), plain([]), spoken('perSecond')], ['–', '–', 'per second']);
  });

  it('shows the beginning of a long list', () => {
    const [table] = viewOfAnswer({ rows: Array.from({ length: 250 }, (_, n) => ({ n })) }).tables;
    deepEqual([table?.rows.length, table?.left], [200, 50]);
  });
});

describe('what the router answers', () => {
  it('is done, or refused with the field that is to blame', () => {
    deepEqual(readAnswer(200, '{"a":1}'), { done: { a: 1 } });
    deepEqual(readAnswer(400, '{"error":{"code":"command-input","text":"No.","field":"pool"}}'), {
      refused: { status: 400, code: 'command-input', text: 'No.', field: 'pool' },
    });
  });

  it('is strange where something else answers', () => {
    for (const [status, text] of [
      [200, '<html>'],
      [502, '<html>Bad gateway</html>'],
      [404, '{"error":"no"}'],
    ] as const) {
      const answer = readAnswer(status, text);
      deepEqual('refused' in answer && answer.refused.code, 'strange-answer');
    }
  });
});
